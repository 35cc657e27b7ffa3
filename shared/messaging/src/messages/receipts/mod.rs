//! What Messenger, Instagram and pages' posts report besides messages: echoes of sent messages, watermarks of
//! delivery and reading, edits and deletions, what is hidden. Separate from ingestion, so that the receiver of WhatsApp does not
//! contain it.

mod comments;
mod echoes;
mod names;
mod revisions;
pub mod sql;
mod watermarks;

pub use comments::{messages_revise, receive_comments};
pub use watermarks::catch_up_statements;

use super::receive::{BatchExtras, Occasion, Received, receive_with_extras};
use super::source::{self, SourceContact};
use channels::{Revision, Watermark};
use common::context::Context;
use common::db::Statement;
use common::http::Error;
use common::ids::MessageId;

/// The receipts of one account, besides its messages and statuses.
#[derive(Debug, Clone, Copy)]
pub struct Receipts<'a> {
    /// Pairs of our id and the provider's id of sent messages whose echoes are among the messages
    /// received.
    pub own: &'a [(MessageId, String)],
    /// Watermarks: up to when messages were delivered or read.
    pub watermarks: &'a [Watermark],
    /// Edits and deletions of messages.
    pub revisions: &'a [Revision],
}

/// Ingests one account's delivery of Messenger or Instagram in one batch, as [`receive`](super::receive)
/// does, idempotent and in any order. An echo of a message that we sent settles that message, even if
/// the response to the send is still outstanding; any other echo is a message that was sent elsewhere.
/// The files of deleted messages are deleted from KV.
///
/// # Errors
/// 503 when the database is away, or KV where a message was deleted; nothing is then lost, and the
/// same may come again.
pub async fn receive_with_receipts(
    cx: &Context<'_>,
    received: Received<'_>,
    receipts: Receipts<'_>,
) -> Result<(), Error> {
    let alone = (Occasion::Written, Vec::new());
    receive_with_contact(cx, received, receipts, None, alone, Vec::new()).await
}

/// As [`receive_with_receipts`], of one thread of a source of conversations, which says whose it is. The source's
/// `items` run once the new messages are in `inbound_items`, before their conversations change.
///
/// # Errors
/// As [`receive_with_receipts`].
pub async fn receive_from_source(
    cx: &Context<'_>,
    received: Received<'_>,
    receipts: Receipts<'_>,
    contact: Option<&SourceContact<'_>>,
    (occasion, items): (Occasion, Vec<Statement>),
) -> Result<(), Error> {
    receive_with_contact(
        cx,
        received,
        receipts,
        contact,
        (occasion, items),
        Vec::new(),
    )
    .await
}

async fn receive_with_contact(
    cx: &Context<'_>,
    received: Received<'_>,
    receipts: Receipts<'_>,
    contact: Option<&SourceContact<'_>>,
    (occasion, of_source): (Occasion, Vec<Statement>),
    last: Vec<Statement>,
) -> Result<(), Error> {
    revisions::bytes_erase(cx, received.channel_id, receipts.revisions).await?;
    let echoed = echoes::Echoes::of(&received);
    let before = echoed.settle_statements(cx, &received, receipts.own);
    let mut after = watermarks::watermark_statements(cx, received.channel_id, receipts.watermarks);
    after.extend(echoed.caught_up_statements(cx, received.channel_id));
    after.extend(revisions::revision_statements(
        cx,
        received.channel_id,
        receipts.revisions,
    ));
    let is_plain = before.is_empty() && after.is_empty() && last.is_empty();
    if !after.is_empty() {
        after.push(revisions::forget_statement(cx));
    }
    let mut items = vec![revisions::items_statement(cx)];
    if let Some(contact) = contact {
        items.push(source::disclaim_statement(cx));
        after.extend(source::learn_statements(cx, &received, contact, occasion));
    }
    items.extend(of_source);
    let nameless = names::nameless_statement(cx, received.messages);
    let asks_for_names = nameless.is_some();
    after.extend(last);
    after.extend(nameless);
    let extras = BatchExtras {
        is_plain,
        before,
        items,
        after,
        occasion,
    };
    let last = receive_with_extras(cx, received, extras).await?;
    if asks_for_names {
        names::wake_for_names(cx, received.channel_id, &last)?;
    }
    Ok(())
}
