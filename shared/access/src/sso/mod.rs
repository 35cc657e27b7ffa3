//! Tokens of the embedded inbox: a CRM asks for one on behalf of a person of the business, and puts
//! it into the address of an iframe (contract.md, Embedding).
//!
//! A token is a JWT signed with HS256. Its key is made of the master key and the key's id, so that no
//! secret is stored. Whether it is still good is found out by one function, `verify-token`, which
//! alone carries the library that reads it; the others ask that and remember the answer.

pub mod jwt;
pub mod verification;

pub use verification::{INBOX, InboxAccess, InboxSession, TokenState, card_session, inbox_session};

use crate::sql::{SSO_KEY_ACTIVE, SSO_KEY_BEGIN};
use common::context::Context;
use common::db::{Columns, Rows, Statement};
use common::http::Error;

use common::time::SECOND;

/// The function that says whether a token is good.
pub const VERIFIER: &str = "verify-token";
/// Shortest life of a token, in seconds.
pub const MIN_SECONDS: u32 = 60;
/// Longest life of a token, in seconds.
pub const MAX_SECONDS: u32 = 86_400;
/// Life of a token, where the request does not say: a quarter of an hour.
pub const DEFAULT_SECONDS: u32 = 900;
/// How long an isolate caches the state of tokens. Both the verifier and its callers cache it, and a
/// revoked token must be refused within 60 s.
pub const TRUST_MICROS: i64 = 20 * SECOND;
/// What a token for one customer opens.
pub const SCOPE_CUSTOMER: &str = "inbox";
/// What a token for all customers opens. One has to ask for it by name: a customer's id that is missing by
/// mistake does not open the whole inbox.
pub const SCOPE_ALL: &str = "inbox:all";
/// What a token for the CRM card beside an account's conversations opens, and nothing else does.
pub const SCOPE_CARD: &str = "crm_card";

/// The statements that find the key by which a business signs, and make the first one. The last of them gives
/// rows for [`key_of`].
#[must_use]
pub fn key_statements(cx: &Context<'_>) -> [Statement; 2] {
    let business = || cx.business_id().into();
    let begin = vec![business(), cx.ids.next().into(), cx.now.micros().into()];
    [
        SSO_KEY_BEGIN.bind(begin),
        SSO_KEY_ACTIVE.bind(vec![business()]),
    ]
}

/// The id of the key that signs.
///
/// # Errors
/// 500 where there is none.
pub fn key_of(rows: &Rows) -> Result<String, Error> {
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("a business has no key to sign with"))?;
    Columns::of(row).text("id")
}
