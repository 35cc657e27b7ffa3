use common::Context;
use common::http::{Request, Response, Result};
use messaging::messages::send::{SendRequest, message_send, saying_run};

/// `POST /api-send-message` (`messages:write`)
///
/// 1. Reads `{customer_id | external_id | email | phone, channel, content, attachments,
///    conversation_id, reply_to, subject, template, channel_id}`: 400 for no JSON, 422 for another
///    shape, for no or two names of the customer, for an unknown channel, for a text that is too long, and for what has neither text, attachments nor template.
/// 2. Finds what it names in one call: 404 for what the business does not have, 409 for an external
///    id of two customers, 422 for a customer who cannot be reached, for attachments that the channel
///    does not take, and `outside_window` where only a template may be sent.
/// 3. Stores the message as being sent, in the conversation that goes on or a new one. From here on
///    the message is there, whatever happens.
/// 4. Has deliver-messages ask the provider and record what came of it: 200 where it took the message, 422
///    `provider_rejected` with its code where it refused, 202 with status `queued` where it could not
///    be reached or wants to be left alone, 202 with `uncertain` where nobody knows.
///
/// Several media are several messages, one after the other: `message` is the first, `messages` all.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let request = SendRequest::parse(request.text()?)?;
    let response = message_send(cx, request).await?;
    Ok(Response::json(response.http_status(), &response))
}

/// A call of a function that has something to say in a conversation: an agent's reply of a CRM, a
/// notice to the customer.
///
/// 1. Finds the conversation's account and customer.
/// 2. As above from its second step on, under the key of the call, which counts for good.
/// 3. Tells the message's id and status, or why there is none: a refusal is an answer like another.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    saying_run(cx, body).await
}
