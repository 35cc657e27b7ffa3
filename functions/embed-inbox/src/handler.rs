use crate::bootstrap::bootstrap;
use crate::card;
use crate::files::FILES;
use crate::shell;
use access::sso::{InboxSession, TokenState, inbox_session};
use common::Context;
use common::form;
use common::http::{Request, Response, Result};
use pages::html;

/// What is said of an address without a token of ours.
const NOT_OPENED: &str = "This inbox cannot be opened";
const NOT_OURS: &str = "Its address is not whole or not ours. Open it again from your CRM.";

/// The pages of the embedded inbox and of the CRM card, and their files.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "inbox_asset" => {
            FILES
                .answer(cx, request.id.as_deref().unwrap_or_default())
                .await
        }
        "inbox_open" => page(cx, &token_of(&cx.read_body(request.route).await?)).await,
        "crm_card_page" => Ok(card::enter()),
        "crm_card_open" => card::page(cx, &token_of(&cx.read_body(request.route).await?)).await,
        _ => match request.query.has("token") {
            true => page(cx, request.query.get("token").unwrap_or_default()).await,
            false => Ok(enter()),
        },
    }
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
    pages::html(status, html, &ancestors, "'none'")
}
