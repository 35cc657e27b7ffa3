//! What a token of the inbox opens, as `verify-token` says.

use super::{TRUST_MICROS, VERIFIER};
use crate::caller::bearer;
use common::context::{Agent, Caller};
use common::http::{Error, Kind};
use common::json::raw::{Object, integer, list, object, text};
use common::outside::{Async, Outside};
use common::remembered::Remembered;
use common::signatures::sha256_hex;
use common::time::{SECOND, Timestamp};
use std::cell::RefCell;
use std::rc::Rc;

/// Longest token, in bytes: ours have less than one and a half thousand.
const MAX_TOKEN_BYTES: usize = 8192;
/// Most tokens an isolate remembers.
const MOST_TOKENS: usize = 4096;

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It opens the inbox.
    Valid,
    /// It was good once.
    Expired,
    /// It, its agent's tokens, or its key were revoked.
    Revoked,
    /// We did not sign it.
    Invalid,
}

impl TokenState {
    const ALL: [Self; 4] = [Self::Valid, Self::Expired, Self::Revoked, Self::Invalid];

    /// As `verify-token` writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Invalid => "invalid",
        }
    }
}

/// What a token opens. Of one that we did not sign, all but `state` is empty.
#[derive(Debug)]
pub struct InboxSession {
    /// Whether it does.
    pub state: TokenState,
    /// The token's id.
    pub token_id: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose inbox.
    pub business_id: String,
    /// What people call the business.
    pub business_name: String,
    /// The business's region for national phone numbers.
    pub default_region: String,
    /// The one customer, or none for the whole inbox.
    pub customer_id: Option<String>,
    /// Who sits there.
    pub agent: Option<Agent>,
    /// Pages that may frame the inbox.
    pub origins: Vec<String>,
}

thread_local! {
    static KNOWN: RefCell<Remembered<Rc<InboxSession>>> =
        RefCell::new(Remembered::new(MOST_TOKENS, TRUST_MICROS));
}

/// What a token opens, as `verify-token` says. A good token seen lately is not asked about again.
///
/// # Errors
/// 503 where `verify-token` or its database does not answer.
pub async fn inbox_session(
    outside: Outside<'_>,
    now: Timestamp,
    token: &str,
) -> Result<Rc<InboxSession>, Error> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return Ok(Rc::new(invalid()));
    }
    let name = sha256_hex(token.as_bytes());
    let known = KNOWN.with_borrow(|known| known.recall(&name, now));
    if let Some(known) = known.filter(|known| known.expires_at > now) {
        return Ok(known);
    }
    let answered = outside.services.call(VERIFIER, "token", token.as_bytes());
    let answered = answered.await?;
    if answered.status != 200 {
        let code = String::from_utf8_lossy(&answered.body).into_owned();
        return Err(Error::unavailable(format!("{VERIFIER}: {code}")));
    }
    let session = std::str::from_utf8(&answered.body).ok().and_then(object);
    let session = session.and_then(|fields| session_of(&fields));
    let session =
        session.ok_or_else(|| Error::internal("what is told of a token is unreadable"))?;
    let session = Rc::new(session);
    if session.state == TokenState::Valid {
        KNOWN.with_borrow_mut(|known| known.remember(name, session.clone(), now));
    }
    Ok(session)
}

fn invalid() -> InboxSession {
    InboxSession {
        state: TokenState::Invalid,
        token_id: String::new(),
        expires_at: Timestamp::from_micros(0),
        business_id: String::new(),
        business_name: String::new(),
        default_region: String::new(),
        customer_id: None,
        agent: None,
        origins: Vec::new(),
    }
}

fn session_of(fields: &Object<'_>) -> Option<InboxSession> {
    let state = fields.text("state")?;
    let state = TokenState::ALL
        .into_iter()
        .find(|known| known.as_str() == state)?;
    if state == TokenState::Invalid {
        return Some(invalid());
    }
    let seconds: i64 = integer(fields.get("expires_at")?)?.parse().ok()?;
    let agent = fields.get("agent").and_then(|agent| object(agent));
    let origins = list(fields.get("origins")?)?;
    Some(InboxSession {
        state,
        token_id: fields.text("token_id")?,
        expires_at: Timestamp::from_micros(seconds.saturating_mul(SECOND)),
        business_id: fields.text("business_id")?,
        business_name: fields.text("business_name")?,
        default_region: fields.text("default_region")?,
        customer_id: fields.text("customer_id"),
        agent: agent.and_then(|agent| {
            Some(Agent {
                id: agent.text("id")?,
                name: agent.text("name")?,
                email: agent.text("email"),
            })
        }),
        origins: origins.into_iter().filter_map(text).collect(),
    })
}

impl InboxSession {
    /// Who calls by the token.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            business_id: self.business_id.clone(),
            key_id: self.token_id.clone(),
            default_region: self.default_region.clone(),
            agent: self.agent.clone(),
            customer_id: self.customer_id.clone(),
            ..Caller::nobody()
        }
    }
}

/// Finds out who calls by the token in an `authorization` header. Given to the functions that the
/// inbox calls as a value, since others should not carry it.
pub type InboxAccess = for<'a> fn(
    outside: Outside<'a>,
    now: Timestamp,
    authorization: Option<&'a str>,
) -> Async<'a, Result<Caller, Error>>;

/// By `verify-token`.
pub const INBOX: InboxAccess =
    |outside, now, authorization| Box::pin(authenticate_inbox(outside, now, authorization));

/// Finds out who presents this token of the embedded inbox.
///
/// # Errors
/// 401 for no token and for one that does not open the inbox; 503 as [`inbox_session`].
async fn authenticate_inbox(
    outside: Outside<'_>,
    now: Timestamp,
    authorization: Option<&str>,
) -> Result<Caller, Error> {
    let session = inbox_session(outside, now, bearer(authorization)?).await?;
    let message = match session.state {
        TokenState::Valid => return Ok(session.caller()),
        TokenState::Expired => "This session is over. Open the inbox again.",
        TokenState::Revoked => "This session was ended. Open the inbox again.",
        TokenState::Invalid => "This token does not open the inbox.",
    };
    Err(Error::new(Kind::InvalidToken, message))
}
