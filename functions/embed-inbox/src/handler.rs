use crate::bootstrap::bootstrap;
use crate::card;
use crate::files::{NAMES, VERSION};
use crate::shell;
use access::sso::{InboxSession, TokenState, inbox_session};
use common::Context;
use common::form;
use common::http::{Error, Kind, Request, Response, Result};

/// What is said of an address without a token of ours.
const NOT_OPENED: &str = "This inbox cannot be opened";
const NOT_OURS: &str = "Its address is not whole or not ours. Open it again from your CRM.";

/// The pages of the embedded inbox and of the CRM card, and their files.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "inbox_asset" => asset(cx, request.id.as_deref().unwrap_or_default()).await,
        "inbox_open" => page(cx, &token_of(&cx.read_body(request.route).await?)).await,
        "crm_card_page" => Ok(card::enter()),
        "crm_card_open" => card::page(cx, &token_of(&cx.read_body(request.route).await?)).await,
        _ => match request.query.has("token") {
            true => page(cx, request.query.get("token").unwrap_or_default()).await,
            false => Ok(enter()),
        },
    }
}

/// `GET /embed/assets/<version>/<file>`: a file of the page: 200, kept for ever under its own version,
/// and given but not kept under another; 404.
async fn asset(cx: &Context<'_>, path: &str) -> Result<Response> {
    let found = path.split_once('/').and_then(|(version, file)| {
        let name = NAMES.iter().find(|name| **name == file)?;
        Some((version, *name))
    });
    let Some((version, name)) = found else {
        return Err(Error::new(Kind::NotFound, "There is no such file."));
    };
    let content_type = match name.ends_with(".css") {
        true => "text/css; charset=utf-8",
        false => "text/javascript; charset=utf-8",
    };
    let kept = match version == format!("{VERSION:016x}") {
        true => "public, max-age=31536000, immutable",
        false => "no-store",
    };
    let text = cx.ports.assets.read(name).await?;
    Ok(Response::content(200, content_type, text)
        .with_header("cache-control", kept)
        .with_header("cross-origin-resource-policy", "same-origin"))
}

/// `GET /embed/inbox`: 200 with a page that has nothing, may be framed by anyone, and posts the token
/// behind the `#` of its own address, which no server sees.
fn enter() -> Response {
    let values = [
        ("name", "Inbox"),
        ("action", "/embed/inbox"),
        ("title", NOT_OPENED),
        ("message", NOT_OURS),
    ];
    html(200, shell::filled(shell::ENTER, &values), "*", "'self'")
}

/// The token of a form.
fn token_of(body: &[u8]) -> String {
    let pairs = form::pairs(&String::from_utf8_lossy(body));
    let token = pairs.into_iter().find(|(name, _)| name == "token");
    token.map(|(_, token)| token).unwrap_or_default()
}

/// `POST /embed/inbox` with the form `token=`, and `GET /embed/inbox?token=`, whose page takes the token out
/// of its address at once: the page.
///
/// 1. Asks `verify-token` what the token opens.
/// 2. 200 with the page, which the business's allowed origins may frame; or 401 with a page that says
///    so for a token that has expired, was revoked, or is none of ours.
async fn page(cx: &Context<'_>, token: &str) -> Result<Response> {
    // 1.
    let session = inbox_session(cx.ports, cx.now, token).await?;

    // 2.
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
        TokenState::Invalid => NOT_OURS,
    };
    let title = match session.state {
        TokenState::Invalid => NOT_OPENED,
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
    self::html(status, html, &ancestors, "'none'")
}

pub(super) fn html(status: u16, html: String, ancestors: &str, forms: &str) -> Response {
    Response::content(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", shell::policy(ancestors, forms))
        .with_header("referrer-policy", "no-referrer")
        .with_header("cache-control", "no-store")
        .with_header("x-robots-tag", "noindex")
}
