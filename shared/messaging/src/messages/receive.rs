use super::ingest::{HOLD_SECONDS, IngestStatements, ingest_statements};
use super::quick;
use super::statuses::status_statements;
use crate::attachments::media_message;
use channels::{ChannelKind, InboundMessage, StatusUpdate};
use common::context::Context;
use common::db::{Rows, Statement};
use common::http::Error;
use common::outside::Queue;

/// What came for one account of the context's business.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The account.
    pub channel_id: &'a str,
    /// Its kind.
    pub channel: ChannelKind,
    /// Messages from customers.
    pub messages: &'a [InboundMessage],
    /// News of messages of ours.
    pub statuses: &'a [StatusUpdate],
}

/// What one batch does beside taking in messages and statuses.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Before anything else.
    pub(super) before: Vec<Statement>,
    /// Where the messages that are new stand in `inbound_items`.
    pub(super) items: Vec<Statement>,
    /// At last.
    pub(super) after: Vec<Statement>,
    /// Whether all that can be left out for a message that takes the short way.
    pub(super) is_plain: bool,
}

/// Most messages of one batch, which bounds how long it holds the database.
const MOST_AT_ONCE: usize = 1000;

/// Takes in what came for one account, in one batch of the database, idempotent on the account and
/// the provider's ids, and wakes whom it concerns.
///
/// # Errors
/// 503 when the database is away; nothing has then happened.
pub async fn receive(cx: &Context<'_>, received: Received<'_>) -> Result<(), Error> {
    receive_with(cx, received, Vec::new()).await
}

/// As [`receive`], with statements of the channel's own that belong to what came: they run first in
/// the same batch.
///
/// # Errors
/// As [`receive`].
pub async fn receive_with(
    cx: &Context<'_>,
    received: Received<'_>,
    before: Vec<Statement>,
) -> Result<(), Error> {
    let around = Around {
        is_plain: before.is_empty(),
        before,
        ..Around::default()
    };
    receive_around(cx, received, around).await.map(|_| ())
}

/// As [`receive`], with what else that channel needs; the rows of the last statement, and none where
/// the short way was taken.
pub(super) async fn receive_around(
    cx: &Context<'_>,
    received: Received<'_>,
    around: Around,
) -> Result<Rows, Error> {
    let alone = quick::candidate(&received).filter(|_| around.is_plain);
    if let Some(message) = alone
        && quick::take(cx, &received, message).await?
    {
        wake(cx, &[]);
        return Ok(Rows::new());
    }
    let mut chunks = received.messages.chunks(MOST_AT_ONCE);
    let mut first = chunks.next().unwrap_or_default();
    let mut statuses = received.statuses;
    let (mut before, mut after) = (around.before, around.after);
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
            (std::mem::take(&mut before), &around.items),
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
                quick::remember(cx, &received, message, row);
            }
            last = results.pop().unwrap_or_default();
        }
        match chunks.next() {
            Some(chunk) => (first, statuses) = (chunk, &[]),
            None => return Ok(last),
        }
    }
}

fn wake(cx: &Context<'_>, with_media: &[String]) {
    cx.wake(Queue::Events, cx.business_id());
    for message_id in with_media {
        cx.wake(Queue::Media, media_message(cx.business_id(), message_id));
    }
    if !with_media.is_empty() {
        cx.wake_after(Queue::Events, cx.business_id(), HOLD_SECONDS);
    }
}
