use crate::bootstrap::bootstrap;
use crate::shell;
use access::sso::{InboxSession, TokenState, inbox_session};
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /embed/inbox?token=`: the page of the embedded inbox. Its files are served by `embed-assets`.
///
/// 1. Asks `verify-token` what the token opens.
/// 2. 200 with the page, which the business's allowed origins may frame; or 401 with a page that says
///    so for a token that has expired, was revoked, or is none of ours.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let token = request.query.get("token").unwrap_or_default();
    let session = inbox_session(cx.outside, cx.now, token).await?;
    let message = match session.state {
        TokenState::Valid => {
            let mut own = cx.of_business(&session.business_id);
            own.caller = session.caller();
            let boot = bootstrap(&own, &session).await?;
            let html = shell::filled(shell::PAGE, &[("title", "Inbox"), ("bootstrap", &boot)]);
            return Ok(framed(200, html, &session));
        }
        TokenState::Expired => "It closes after a while, for safety. Open it again from your CRM.",
        TokenState::Revoked => "It was closed by your business. Open it again from your CRM.",
        TokenState::Invalid => "Its address is not whole or not ours. Open it again from your CRM.",
    };
    let title = match session.state {
        TokenState::Invalid => "This inbox cannot be opened",
        _ => "The session is over",
    };
    let html = shell::filled(shell::OVER, &[("title", title), ("message", message)]);
    Ok(framed(401, html, &session))
}

/// Only the business's own pages may frame it: also where its token is over, since its CRM has to
/// show that. What says that a token is none of ours has nothing to protect, and has to be seen too.
fn framed(status: u16, html: String, session: &InboxSession) -> Response {
    let ancestors = match (session.state, session.origins.as_slice()) {
        (TokenState::Invalid, _) => "*".to_owned(),
        (_, []) => "'self'".to_owned(),
        (_, origins) => format!("'self' {}", origins.join(" ")),
    };
    Response::content(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", shell::policy(&ancestors))
        .with_header("referrer-policy", "no-referrer")
        .with_header("cache-control", "no-store")
        .with_header("x-robots-tag", "noindex")
}
