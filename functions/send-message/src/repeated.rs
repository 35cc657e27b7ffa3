use super::answer::{SendResponse, SendState, SentAttachment, SentError, SentMessage, response};
use super::check::first_check;
use crate::sql::{SEND_EXPIRE, SEND_EXPIRE_DONE, SEND_EXPIRE_EVENT, SEND_STATE};

use crate::sending::later;
use common::context::Context;
use common::db::{Columns, Row, Statement, Value};
use common::events::MESSAGE_STATUS_CHANGED;
use common::http::Error;
use common::ids::{AttachmentId, Ids, MessageId};
use common::json::raw::{integer, list, object};
use common::ports::Queue;

/// The error of a message whose sender crashed.
pub(super) const LOST: &str = "Sending was cut off, and nobody knows how far it had come.";

/// The state of the messages of an earlier request with the same key.
///
/// # Errors
/// As [`crate::sending::message_send`], for what the first came to.
pub(super) async fn state(cx: &Context<'_>, ids: &[MessageId]) -> Result<SendResponse, Error> {
    let mut statements: Vec<Statement> = ids.iter().flat_map(|id| expire(cx, id)).collect();
    let ids = serde_json::to_string(ids).map_err(Error::internal)?;
    statements.push(SEND_STATE.bind(vec![cx.business_id().into(), ids.into()]));
    let rows = cx.db.batch(statements).await?.pop();
    cx.wake(Queue::Events, cx.business_id());
    let rows = rows.iter().flatten();
    let messages: Result<Vec<_>, _> = rows.map(|row| message_of(cx, row)).collect();
    response(messages?)
}

/// Declares a message uncertain whose sending should have ended by now; the last of the three gives
/// a row where it was, which says how it goes on.
pub(super) fn expire(cx: &Context<'_>, message_id: &MessageId) -> Vec<Statement> {
    let error = SendState::uncertain(LOST.into()).error_json();
    let params = || -> Vec<Value> {
        vec![
            cx.business_id().into(),
            message_id.into(),
            later(cx).micros().into(),
        ]
    };
    let mut status = params();
    status.push(error.into());
    let mut event = status.clone();
    let ids = Ids::new(cx.now, cx.entropy);
    event.extend([ids.next().into(), MESSAGE_STATUS_CHANGED.as_str().into()]);
    let mut done = params();
    done.push(first_check(cx).into());
    vec![
        SEND_EXPIRE_EVENT.bind(event),
        SEND_EXPIRE.bind(status),
        SEND_EXPIRE_DONE.bind(done),
    ]
}

fn message_of(cx: &Context<'_>, row: &Row) -> Result<SentMessage, Error> {
    let mut columns = Columns::of(row);
    Ok(SentMessage {
        id: columns.id("id")?,
        conversation_id: columns.id("conversation_id")?,
        customer_id: columns.id("customer_id")?,
        channel: columns.text("channel")?,
        direction: "outbound",
        kind: columns.text("type")?,
        content: columns.text("content")?,
        status: columns.text("status")?,
        created_at: columns.time("created_at")?,
        provider_id: columns.text_or_null("provider_id")?,
        error: columns.parsed_or_null("error", |error| {
            let error = object(error)?;
            Some(SentError {
                code: error.text("code")?,
                message: error.text("message")?,
            })
        })?,
        attachments: columns.parsed("attachments", |attachments| {
            let one = |one| Some(attachment_of(one)?.linked(cx));
            list(attachments)?.into_iter().map(one).collect()
        })?,
        segments: columns
            .integer_or_null("segments")?
            .and_then(|count| u32::try_from(count).ok()),
    })
}

fn attachment_of(json: &str) -> Option<SentAttachment> {
    let json = object(json)?;
    let size = json.get("size").copied().and_then(integer);
    Some(SentAttachment {
        id: json.text("id").map(AttachmentId::unchecked),
        filename: json.text("filename")?,
        mime_type: json.text("type"),
        size: size.and_then(|size| size.parse().ok()),
        url: json.text("url"),
        download_url: json.text("download_url"),
    })
}
