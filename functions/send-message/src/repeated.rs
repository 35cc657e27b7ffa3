use super::answer::{SendResponse, SendState, SentAttachment, SentError, SentMessage, response};
use super::check::first_check;
use super::request::missing;
use crate::sql::{SEND_EXPIRE, SEND_EXPIRE_DONE, SEND_EXPIRE_EVENT, SEND_STATE};

use crate::sending::later;
use common::context::Context;
use common::db::{Columns, Row, Statement, Value};
use common::events::MESSAGE_STATUS_CHANGED;
use common::http::Error;
use common::ids::{AttachmentId, Ids, MessageId};
use common::json::raw::{integer, list, object, text};
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

/// The answer to an earlier request with the same key, as it was given; see
/// [`recall_of`](super::answer::recall_of).
///
/// # Errors
/// As [`crate::sending::message_send`], for what the first came to; 404 for a message of another customer than
/// the caller's.
pub(super) async fn recalled(cx: &Context<'_>, recall: &str) -> Result<SendResponse, Error> {
    let stood: Vec<Stood> = list(recall)
        .and_then(|stood| stood.into_iter().map(Stood::of).collect())
        .ok_or_else(|| Error::internal("a recall has another shape"))?;
    let ids: Vec<_> = stood.iter().map(|one| &one.id).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let read = SEND_STATE.bind(vec![cx.business_id().into(), ids.into()]);
    let rows = cx.db.rows(read).await?;
    let messages = rows.iter().map(|row| {
        let message = message_of(cx, row)?;
        if !cx.caller.may_see(&message.customer_id) {
            return Err(missing("conversation_id"));
        }
        let before = stood.iter().find(|one| one.id == message.id);
        before
            .map(|before| before.applied(message))
            .ok_or_else(|| Error::internal("a message that nobody asked for"))
    });
    response(messages.collect::<Result<_, _>>()?)
}

/// How a message stood.
struct Stood {
    id: MessageId,
    status: String,
    segments: Option<u32>,
    has_provider_id: bool,
    error: Option<SentError>,
}

impl Stood {
    fn of(json: &str) -> Option<Self> {
        let [id, status, segments, has_provider_id, code, message] = list(json)?.try_into().ok()?;
        let error = text(code).zip(text(message));
        Some(Self {
            id: MessageId::unchecked(text(id)?),
            status: text(status)?,
            segments: integer(segments)?.parse().ok().filter(|count| *count > 0),
            has_provider_id: has_provider_id == "1",
            error: error.map(|(code, message)| SentError { code, message }),
        })
    }

    /// The message as it was then.
    fn applied(&self, mut message: SentMessage) -> SentMessage {
        message.status.clone_from(&self.status);
        message.segments = self.segments;
        message.provider_id = message.provider_id.filter(|_| self.has_provider_id);
        if self.status != "failed" {
            message.error.clone_from(&self.error);
        }
        message
    }
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
