//! Links by which members sign in, each once and for a quarter of an hour.

use crate::sql::{SIGN_IN_LINK_INSERT, SIGN_IN_LINKS_END};
use crate::token::{SecretToken, TokenKind};
use common::Context;
use common::db::Statement;
use common::http::Error;
use common::ids::MemberId;
use common::time::SECOND;

/// Most members of a business.
pub const MAX_MEMBERS: i64 = 1_000;
/// How long a link is good.
pub const LINK_MICROS: i64 = 900 * SECOND;
/// How long a link that nobody used is kept: so long those are counted that a member asks for.
pub const LINK_KEPT_MICROS: i64 = 3600 * SECOND;
/// The page that takes a link. What stands behind the `#` is sent to no server, and stands in none of its logs.
const PAGE: &str = "/dashboard/sign-in#";

/// A link, and what stores it in the place of those that the member was given before.
///
/// # Errors
/// 500 where the deployment has no public address.
pub fn sign_in_link(
    cx: &Context<'_>,
    member: &MemberId,
) -> Result<(String, Vec<Statement>), Error> {
    let token = SecretToken::generate(TokenKind::SignIn, cx.entropy);
    let business = || cx.business_id().into();
    let end = SIGN_IN_LINKS_END.bind(vec![business(), member.into()]);
    let insert = SIGN_IN_LINK_INSERT.bind(vec![
        business(),
        token.id.as_str().into(),
        token.hash().into(),
        member.into(),
        cx.now.plus(LINK_MICROS).micros().into(),
        cx.now.micros().into(),
    ]);
    Ok((link_url(cx, &token)?, vec![end, insert]))
}

/// What a member opens to sign in by a link's token.
///
/// # Errors
/// 500 where the deployment has no public address.
pub fn link_url(cx: &Context<'_>, token: &SecretToken) -> Result<String, Error> {
    let origin = cx.ports.public_origin()?;
    Ok([origin.as_str(), PAGE, &token.reveal()].concat())
}
