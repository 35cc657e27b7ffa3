//! The page of the CRM card, which a source of conversations shows beside each of them.

use crate::shell;
use access::sso::{TokenState, card_session};
use channels::card::card_origin;
use common::Context;
use common::http::{Response, Result};
use pages::html;

const NAME: &str = "CRM";
const TITLE: &str = "This card cannot be opened";
const MESSAGE: &str =
    "It was switched off or replaced. Test the account in the settings to show it again.";

/// `GET /embed/crm-card?account=`: 200 with a page that has nothing, may be framed by anyone, and posts the token
/// behind the `#` of its own address. The account in the query is for people; the token says which it is.
pub(crate) fn enter() -> Response {
    let values = [
        ("name", NAME),
        ("action", "/embed/crm-card"),
        ("title", TITLE),
        ("message", MESSAGE),
    ];
    html(200, shell::filled(shell::ENTER, &values), "*", "'self'")
}

/// `POST /embed/crm-card` with the form `token=`: the page.
///
/// 1. Asks `verify-token` whether the token is one of a card.
/// 2. Asks whether it is the one that its account has.
/// 3. 200 with the page, which has nothing of a customer and which the account's server alone may frame; or 401 with
///    one that says that the token opens nothing.
pub(crate) async fn page(cx: &Context<'_>, token: &str) -> Result<Response> {
    // 1.
    let session = card_session(cx.ports, cx.now, token).await?;
    let (TokenState::Valid, Some(channel_id)) = (session.state, &session.channel_id) else {
        return Ok(over());
    };

    // 2.
    let own = cx.of_business(&session.business_id);
    let Some(origin) = card_origin(&own, channel_id, &session.token_id).await? else {
        return Ok(over());
    };

    // 3.
    let ancestors = match origin.as_str() {
        "" => "'none'",
        origin => origin,
    };
    let page = shell::filled(shell::CARD, &[("origin", &origin)]);
    Ok(html(200, page, ancestors, "'none'"))
}

fn over() -> Response {
    let page = shell::filled(shell::OVER, &[("title", TITLE), ("message", MESSAGE)]);
    html(401, page, "*", "'none'")
}
