use crate::card::card_of;
use access::sso::{TokenState, card_session};
use channels::card::card_origin;
use common::Context;
use common::http::input::{Expected, Input};
use common::http::{Error, Kind, Request, Response, Result};
use common::json::raw::text;

/// Longest id of a contact, in characters.
const MAX_ID_CHARS: usize = 64;

/// What the CRM card shows of a contact: `POST /embed/api/crm-card` `{token, contact_id}`.
///
/// The token is in the body, since the page that has it is a form's answer, and proves which account's contacts may
/// be asked for. The contact's id comes from a page that proves nothing, and so picks one of them and no more.
///
/// 1. Asks `verify-token` whether the token is one of a card: 401 where it is not, or not any more.
/// 2. Asks whether it is the one that its account has: 401.
/// 3. 200 with `{customer, crms}`; `customer` is null where nobody here is that contact. 422 for an id that is none.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let input = Input::read(request.text()?, &["token", "contact_id"])?;
    let token = input.required("token", Expected::TEXT, text)?;
    let contact_id = input.required("contact_id", Expected::TEXT, text)?;

    // 1.
    let session = card_session(cx.ports, cx.now, &token).await?;
    let (TokenState::Valid, Some(channel_id)) = (session.state, &session.channel_id) else {
        return Err(over());
    };

    // 2.
    let own = cx.of_business(&session.business_id);
    if card_origin(&own, channel_id, &session.token_id)
        .await?
        .is_none()
    {
        return Err(over());
    }

    // 3.
    if !(1..=MAX_ID_CHARS).contains(&contact_id.chars().count()) {
        let message = format!("`contact_id` must have 1 to {MAX_ID_CHARS} characters.");
        return Err(Error::invalid("contact_id", "1_to_64_characters", message));
    }
    let card = card_of(&own, channel_id, &contact_id).await?;
    Ok(Response::json_text(200, card).with_header("cache-control", "no-store"))
}

fn over() -> Error {
    Error::new(Kind::InvalidToken, "This token opens no card.")
}
