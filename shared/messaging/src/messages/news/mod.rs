//! What Messenger and Instagram tell beside messages: echoes of what was sent, up to when it was got
//! and read, what became of messages afterwards. Apart from taking in, so that the receiver of
//! WhatsApp does not carry it.

mod echoes;
mod names;
mod revisions;
pub mod sql;
mod watermarks;

pub use watermarks::kept_statements;

use super::receive::{Around, Received, receive_around};
use channels::{Revision, Watermark};
use common::context::Context;
use common::http::Error;

/// What is told of one account beside its messages and statuses.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// The ids that we gave with what we sent, and the provider's ids of the same messages, whose
    /// echoes are among the messages received.
    pub own: &'a [(String, String)],
    /// Up to when customers got and read what was sent.
    pub watermarks: &'a [Watermark],
    /// Messages that are no longer what they were.
    pub revisions: &'a [Revision],
}

/// Takes in what came for one account of Messenger or Instagram, as [`receive`](super::receive)
/// does: in one batch of the database, in whatever order things come, each once. An echo of what was
/// sent by us settles that, also where the answer to our request is still under way; any other is a
/// message that was sent elsewhere. What a message held that was deleted goes from KV, too.
///
/// # Errors
/// 503 when the database is away, or KV where a message was deleted; nothing is then lost, and the
/// same may come again.
pub async fn receive_news(
    cx: &Context<'_>,
    received: Received<'_>,
    news: News<'_>,
) -> Result<(), Error> {
    revisions::bytes_erase(cx, received.channel_id, news.revisions).await?;
    let echoed = echoes::Echoes::of(&received);
    let before = echoed.settle_statements(cx, &received, news.own);
    let mut after = watermarks::watermark_statements(cx, received.channel_id, news.watermarks);
    after.extend(echoed.caught_up_statements(cx, received.channel_id));
    after.extend(revisions::revision_statements(
        cx,
        received.channel_id,
        news.revisions,
    ));
    let is_plain = before.is_empty() && after.is_empty();
    if !after.is_empty() {
        after.push(revisions::forget_statement(cx));
    }
    let nameless = names::nameless_statement(cx, received.messages);
    let asks_for_names = nameless.is_some();
    after.extend(nameless);
    let around = Around {
        is_plain,
        before,
        items: vec![revisions::items_statement(cx)],
        after,
    };
    let last = receive_around(cx, received, around).await?;
    if asks_for_names {
        names::wake_for_names(cx, received.channel_id, last);
    }
    Ok(())
}
