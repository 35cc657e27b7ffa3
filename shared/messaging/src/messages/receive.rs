use super::fast_path;
use super::ingest::{HOLD_SECONDS, IngestStatements, ingest_statements};
use super::statuses::status_statements;
use crate::attachments::media_message;
use channels::{ChannelKind, InboundMessage, StatusUpdate};
use common::context::Context;
use common::db::{Rows, Statement};
use common::http::Error;
use common::ids::{ChannelId, MessageId};
use common::ports::Queue;

/// Messages and statuses received for one account of the business.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The account.
    pub channel_id: &'a ChannelId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Messages from customers.
    pub messages: &'a [InboundMessage],
    /// Statuses of outbound messages.
    pub statuses: &'a [StatusUpdate],
}

/// When messages were written, as far as that says what they change besides themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Occasion {
    /// Just now: a closed conversation opens, and endpoints are told.
    #[default]
    Written,
    /// A while ago, and the provider's news of them were lost: endpoints are told. How a conversation stands
    /// by now is told apart from its messages.
    Found,
    /// Before the account was connected: nobody is told, and nothing is unread.
    History,
}

/// Statements that a batch runs in addition to ingesting messages and statuses.
#[derive(Debug, Default)]
pub(super) struct BatchExtras {
    /// Before anything else.
    pub(super) before: Vec<Statement>,
    /// Once the new messages are in `inbound_items`.
    pub(super) items: Vec<Statement>,
    /// At last.
    pub(super) after: Vec<Statement>,
    /// Whether a message on the fast path needs none of this.
    pub(super) is_plain: bool,
    /// When the messages were written.
    pub(super) occasion: Occasion,
}

/// Most messages of one batch, which bounds how long it holds the database.
const MAX_BATCH: usize = 1000;

/// Ingests messages and statuses of one account in one batch, idempotent on the account and the
/// provider's ids, and wakes the consumers.
///
/// # Errors
/// 503 when the database is away; nothing was written.
pub async fn receive(cx: &Context<'_>, received: Received<'_>) -> Result<(), Error> {
    receive_with(cx, received, Vec::new()).await
}

/// As [`receive`], with statements of the channel that run first in the same batch.
///
/// # Errors
/// As [`receive`].
pub async fn receive_with(
    cx: &Context<'_>,
    received: Received<'_>,
    before: Vec<Statement>,
) -> Result<(), Error> {
    let extras = BatchExtras {
        is_plain: before.is_empty(),
        before,
        ..BatchExtras::default()
    };
    receive_with_extras(cx, received, extras).await.map(|_| ())
}

/// As [`receive`], with the statements that the channel adds. Returns the rows of the last statement, or
/// none on the fast path.
pub(super) async fn receive_with_extras(
    cx: &Context<'_>,
    received: Received<'_>,
    extras: BatchExtras,
) -> Result<Rows, Error> {
    let alone = fast_path::candidate(&received).filter(|_| extras.is_plain);
    if let Some(message) = alone
        && fast_path::take(cx, &received, message).await?
    {
        return Ok(Rows::new());
    }
    let mut chunks = received.messages.chunks(MAX_BATCH);
    let mut first = chunks.next().unwrap_or_default();
    let mut statuses = received.statuses;
    let (mut before, mut after) = (extras.before, extras.after);
    let mut last = Rows::new();
    loop {
        let IngestStatements {
            mut statements,
            with_media,
            outcome,
        } = ingest_statements(
            cx,
            received.channel_id,
            received.channel,
            first,
            (std::mem::take(&mut before), &extras.items),
            extras.occasion,
        )?;
        statements.extend(status_statements(cx, received.channel_id, statuses)?);
        if chunks.len() == 0 {
            statements.append(&mut after);
        }
        if !statements.is_empty() {
            let mut results = cx.db.batch(statements).await?;
            wake(cx, &with_media);
            if let (Some(message), Some(at)) = (alone, outcome) {
                let row = results.get_mut(at).and_then(Vec::pop);
                fast_path::remember(cx, &received, message, row.as_ref())?;
            }
            last = results.pop().unwrap_or_default();
        }
        match chunks.next() {
            Some(chunk) => (first, statuses) = (chunk, &[]),
            None => return Ok(last),
        }
    }
}

fn wake(cx: &Context<'_>, with_media: &[MessageId]) {
    cx.wake(Queue::Events, cx.business_id());
    for message_id in with_media {
        cx.wake(Queue::Media, media_message(cx.business_id(), message_id));
    }
    if !with_media.is_empty() {
        cx.wake_after(Queue::Events, cx.business_id(), HOLD_SECONDS);
    }
}
