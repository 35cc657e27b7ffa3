//! Signing in by a link.

use crate::session::Opening;
use crate::sql::{LINK_END, SIGN_IN};
use access::{SecretToken, TokenKind};
use common::Context;
use common::http::input::{Expected, Input};
use common::http::{Error, Kind, Response, Result};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;

/// A token from a link.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SignIn {
    /// What stands behind the `#` of the link.
    pub token: String,
}

impl SignIn {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["token"])?;
        Ok(Self {
            token: input.required("token", Expected::TEXT, raw::text)?,
        })
    }
}

/// Somebody who signed in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedIn {
    /// Until when the session goes on at most; 12 hours after its last use, it ends before.
    pub ends_at: Timestamp,
}

/// Refuses what a browser says another site asks for.
///
/// # Errors
/// 403 with this message.
#[track_caller]
pub(crate) fn same_site(cx: &Context<'_>, message: &'static str) -> Result<()> {
    let site = (cx.header)("sec-fetch-site");
    match site.is_some_and(|site| site != "same-origin") {
        true => Err(Error::new(Kind::InvalidCsrfToken, message)),
        false => Ok(()),
    }
}

/// 1. Refuses what a browser says another site asks for: it would sign somebody in as somebody else.
/// 2. Takes the link, and stores the session, in one transaction: 401 for a link that was used, is older than 15
///    minutes or was never given, and for a member who was removed.
/// 3. Answers with the session as a cookie, which no script can read.
pub(crate) async fn complete(cx: &Context<'_>, given: SignIn) -> Result<Response> {
    // 1.
    same_site(
        cx,
        "Open the link in the browser in which you want to sign in.",
    )?;

    // 2.
    let spent = || {
        let message =
            "This link was used already, or is older than 15 minutes. Ask for another one.";
        Error::new(Kind::InvalidToken, message)
    };
    let link = SecretToken::parse(TokenKind::SignIn, given.token.trim()).ok_or_else(spent)?;
    let opening = Opening::new(cx);
    let of_link = || vec![link.id.as_str().into(), link.hash().into()];
    let mut sign_in = of_link();
    sign_in.extend(opening.row(cx));
    let mut statements = vec![SIGN_IN.bind(sign_in)];
    statements.extend(opening.noted(cx, "sign_in_complete", ""));
    statements.push(LINK_END.bind(of_link()));
    let results = cx.db.batch(statements).await?;
    let row = results
        .first()
        .and_then(|rows| rows.first())
        .ok_or_else(spent)?;

    // 3.
    let response = Response::json(
        200,
        &SignedIn {
            ends_at: opening.ends_at,
        },
    );
    Ok(response.with_header("set-cookie", opening.cookie(cx, row)?))
}
