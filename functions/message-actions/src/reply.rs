//! The private reply to a comment, of which there is one.

use crate::comment::Comment;
use crate::sql::{REPLY_LIST, REPLY_MARK, REPLY_MARK_EVENT, REPLY_TEXT};
use common::context::Context;
use common::db::{Columns, Value, text_of};
use common::http::{Error, Kind};
use common::ids::MessageId;
use common::ports::Queue;
use common::time::DAY;
use messaging::messages::send::{KEY_PREFIX, OutboundReply, SendResult, send_reply};

/// For how long after a comment was written Meta takes a private reply to it (channels.md §3.7).
const WINDOW_MICROS: i64 = 7 * DAY;

/// A private reply that was stored.
pub(crate) struct Replied {
    pub(crate) id: MessageId,
    /// Whether it is still to be sent, or nobody knows.
    pub(crate) is_open: bool,
}

/// Has a private reply sent, once. One that Meta refused is none, so that another may be tried.
///
/// # Errors
/// 422 for the page's own comment, `outside_window` after seven days, and what send-message refuses; 409
/// where there is a reply; 503 where send-message or the database does not answer.
pub(crate) async fn reply_privately(
    cx: &Context<'_>,
    comment: &Comment,
    text: String,
) -> Result<Replied, Error> {
    if !comment.is_inbound {
        let message = "The page's own comments have no private replies.";
        return Err(Error::invalid("id", "inbound", message));
    }
    if cx.now.micros() >= comment.at.micros() + WINDOW_MICROS {
        let message = "Meta takes a private reply within seven days of the comment.";
        return Err(Error::new(Kind::OutsideWindow, message).with_detail("id", "within_window"));
    }
    let key = format!("private_reply:{}:", comment.id);
    let failed = failed_count(cx, &key).await?;
    let reply = OutboundReply {
        text: text.clone(),
        author: cx.caller.agent.clone().map(|agent| (agent.id, agent.name)),
        private_to: Some(comment.id.clone()),
        ..OutboundReply::new(comment.conversation_id.clone(), format!("{key}{failed}"))
    };
    let (id, status) = match send_reply(cx, &reply).await? {
        SendResult::Message { id, status, .. } => (id, status),
        SendResult::Refused {
            code,
            message,
            message_id,
        } => return Err(refused(&code, message, message_id)),
    };
    let stored = mark(cx, comment, &id).await;
    if stored.is_some_and(|stored| stored.trim() != text.trim()) {
        return Err(replied(&id));
    }
    Ok(Replied {
        id,
        is_open: status != "sent",
    })
}

/// How many replies to the comment failed.
///
/// # Errors
/// 409 where one did not.
async fn failed_count(cx: &Context<'_>, key: &str) -> Result<usize, Error> {
    let from = [KEY_PREFIX, key].concat();
    // The character after the digits.
    let to = [from.as_str(), ":"].concat();
    let params = vec![cx.business_id().into(), from.into(), to.into()];
    let rows = cx.db.rows(REPLY_LIST.bind(params)).await?;
    for row in &rows {
        let mut columns = Columns::of(row);
        let id: MessageId = columns.id("id")?;
        if columns.str("status")? != "failed" {
            return Err(replied(&id));
        }
    }
    Ok(rows.len())
}

/// 409 for a comment that has this reply already.
fn replied(id: &MessageId) -> Error {
    let message = "The comment has a private reply already, and Meta takes only one.";
    let error = Error::new(Kind::Conflict, message).with_detail("id", "one_private_reply");
    error.with_detail("message_id", id.to_string())
}

/// Notes at the comment which reply it has, and gives what that says: another request may have been quicker,
/// with other words. The reply itself is sent by now, whatever becomes of this.
async fn mark(cx: &Context<'_>, comment: &Comment, reply: &MessageId) -> Option<String> {
    let params = || -> Vec<Value> {
        vec![
            cx.business_id().into(),
            (&comment.id).into(),
            reply.into(),
            cx.now.micros().into(),
        ]
    };
    let mut event = params();
    event.push(cx.ids.next().into());
    let text = REPLY_TEXT.bind(vec![cx.business_id().into(), reply.into()]);
    let statements = vec![
        REPLY_MARK_EVENT.bind(event),
        REPLY_MARK.bind(params()),
        text,
    ];
    match cx.db.batch(statements).await {
        Ok(results) => {
            cx.wake(Queue::Events, cx.business_id());
            let row = results.into_iter().last()?.into_iter().next()?;
            text_of(row, "content").ok()
        }
        Err(error) => {
            cx.note(format!(
                "a private reply is not noted at its comment: {error}"
            ));
            None
        }
    }
}

/// What send-message refused, as it says it.
fn refused(code: &str, message: String, message_id: Option<MessageId>) -> Error {
    let kinds = [
        Kind::ProviderRejected,
        Kind::QuotaExceeded,
        Kind::NotFound,
        Kind::Conflict,
        Kind::OptedOut,
        Kind::OutsideWindow,
    ];
    let kind = kinds
        .into_iter()
        .find(|kind| kind.status_and_code().1 == code);
    let error = Error::new(kind.unwrap_or(Kind::InvalidRequest), message);
    match message_id {
        Some(id) => error.with_detail("message_id", id.to_string()),
        None => error,
    }
}
