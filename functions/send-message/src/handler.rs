use crate::answer::{SendResponse, answer, recall_of};
use crate::deliver::deliver;
use crate::read::{Read, read};
use crate::request::{Draft, SendRequest, checked, missing};
use crate::sending::is_suspended;
use crate::write::{Write, write};
use crate::{due, media, parts, repeated, replies, threads};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// How often a request retries after losing to concurrent ones.
const ATTEMPTS: usize = 3;

/// `POST /api-send-message` (`messages:write`)
///
/// 1. Reads `{customer_id | external_id | email | phone, channel, content, attachments,
///    conversation_id, reply_to, subject, template, channel_id}`: 400 for no JSON, 422 for another
///    shape, for no or two names of the customer, for an unknown channel, for a text that is too long, and for what has neither text, attachments nor template.
/// 2. On a channel of which the business has no account of its own, a request that names no conversation goes
///    into the customer's newest there: 422 `reachable` where there is none.
///    Finds what it names in one call: 403 where the day's quota of messages is used up, 404 for what the business does not have, 409 for an external
///    id of two customers, 422 for a customer who cannot be reached, for attachments that the channel
///    does not take, and `outside_window` where only a template may be sent.
/// 3. Stores the message as being sent, in the conversation that goes on or a new one. From here on
///    the message is there, whatever happens.
/// 4. Asks the provider and record what came of it: 200 where it took the message, 422
///    `provider_rejected` with its code where it refused, 202 with status `queued` where it could not
///    be reached or wants to be left alone, 202 with `uncertain` where nobody knows. While the business is suspended nobody is asked: 202 with `queued`.
///
/// Several media are several messages, one after the other: `message` is the first, `messages` all.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let response = match &request.recall {
        Some(recall) => repeated::recalled(cx, recall).await?,
        None => {
            // 1.
            let mut draft = checked(cx, SendRequest::parse(request.text()?)?).await?;
            // All others were refused.
            draft.waits = cx.caller.is_support() && is_suspended(cx).await?;
            send(cx, draft).await?
        }
    };
    let recall = recall_of(&response.messages);
    Ok(Response::json(response.http_status(), &response).recalled_by(recall))
}

/// The steps 2 to 4 of [`handle`].
pub(crate) async fn send(cx: &Context<'_>, draft: Draft) -> Result<SendResponse> {
    let mut draft = threads::in_a_thread(cx, draft).await?;
    for _ in 0..ATTEMPTS {
        // 2.
        let found = match read(cx, &draft).await? {
            Read::Repeated(ids) => {
                let state = repeated::state(cx, &ids).await?;
                if !cx.caller.may_see(&state.message.customer_id) {
                    return Err(missing("conversation_id"));
                }
                return Ok(state);
            }
            Read::Found(found) => found,
        };
        draft.waits |= found.is_moving;
        let planned = parts::planned(cx, &draft, &found)?;
        let planned = media::copied(cx, planned).await?;
        // 3.
        match write(cx, &draft, &found, &planned).await? {
            Write::Stored(stored) => {
                // 4.
                let states = deliver(cx, &draft, &found, &planned).await?;
                return answer(cx, &draft, &found, planned, &stored, states);
            }
            // Someone took the conversation, the attachment or the key in between: look again.
            Write::Overtaken => {}
        }
    }
    Err(Error::unavailable("a send was overtaken again and again"))
}

/// A call of a function that has something to say in a conversation: an agent's reply of a CRM, a
/// notice to the customer.
///
/// 1. Finds the conversation's account and customer.
/// 2. As above from its second step on, under the key of the call, which counts for good.
/// 3. Tells the message's id and status, or why there is none: a refusal is an answer like another.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    replies::reply_run(cx, body).await
}

/// The queue `Sends`, whose messages name what is due: to be tried again, or to be declared
/// uncertain. fan-out's cron wakes for what the queue lost.
pub async fn resume(cx: &Context<'_>, message: &str) -> Result<()> {
    due::send_due(cx, message).await
}
