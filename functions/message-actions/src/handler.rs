use crate::act::act;
use crate::comment::{Comment, message_json};
use crate::reply::{Replied, reply_privately};
use crate::request::{Asked, InboxCommentRequest, PrivateReplyRequest, message_id};
use channels_meta::comments::actions::Action;
use common::Context;
use common::http::{Error, Request, Response, Result};
use common::ids::MessageId;

/// What a business does to a comment on a post of its page, beside answering it for all to see.
///
/// - `POST /api/dashboard/messages/{id}/private-reply` `{text}` (session)
/// - `POST /api/dashboard/messages/{id}/hide`, `POST …/unhide`, `DELETE /api/dashboard/messages/{id}`
/// - `POST /embed/api/comments` `{message_id, action, text?}` (inbox), which does any of them
///
/// 1. Reads what is asked: 400 for no JSON, 422 for an unknown action, and for a text that is missing, too
///    long for Messenger, or not to be sent at all; 404 for what can be no id.
/// 2. Finds the comment and its account: 404 for a message that is not there for the caller, 422 where it is
///    no comment that this can be done to, 409 where it is gone or its account cannot act.
/// 3. A private reply: 422 `outside_window` more than seven days after the comment, 409 where it has one
///    already. Has send-message send it, once: what refuses it there is the answer, 422 `provider_rejected`
///    where Meta does.
///    Anything else: asks Meta, 422 `provider_rejected` where it refuses, 503 where it does not answer; then
///    stores what was done, as the webhook will report it. Each may be repeated.
/// 4. Answers with `{success, message}`, the private reply or the comment as it is now: 200, or 202 where a
///    private reply is `queued` or `uncertain`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if let Some(id) = &request.recall {
        let message = MessageId::parse(id);
        let message = message.ok_or_else(|| Error::internal("a recall is no id"))?;
        return answer(cx, message, 200).await;
    }

    // 1.
    let (id, asked) = asked(&request)?;

    // 2.
    let comment = Comment::find(cx, &id).await?;

    // 3.
    let (message, status) = match asked {
        Asked::Reply(text) => {
            let Replied { id, is_open } = reply_privately(cx, &comment, text).await?;
            (id, if is_open { 202 } else { 200 })
        }
        Asked::Action(action) => {
            act(cx, &comment, action).await?;
            (id, 200)
        }
    };

    // 4.
    answer(cx, message, status).await
}

fn asked(request: &Request) -> Result<(MessageId, Asked)> {
    let of_path = || message_id(request.id.as_deref().unwrap_or_default());
    Ok(match request.route.operation {
        "comment_reply_privately" => {
            let body = PrivateReplyRequest::parse(request.text()?)?;
            (of_path()?, Asked::Reply(body.text))
        }
        "comment_hide" => (of_path()?, Asked::Action(Action::Hide)),
        "comment_unhide" => (of_path()?, Asked::Action(Action::Unhide)),
        "comment_delete" => (of_path()?, Asked::Action(Action::Delete)),
        "inbox_comment" => {
            let body = InboxCommentRequest::parse(request.text()?)?;
            (body.message_id, body.asked)
        }
        other => return Err(Error::internal(format!("no operation {other}"))),
    })
}

async fn answer(cx: &Context<'_>, id: MessageId, status: u16) -> Result<Response> {
    let message = message_json(cx, &id).await?;
    let json = format!("{{\"success\":true,\"message\":{message}}}");
    Ok(Response::json_text(status, json).recalled_by(id.to_string()))
}
