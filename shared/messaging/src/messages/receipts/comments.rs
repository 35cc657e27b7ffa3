//! Comments on posts: as what others report of messages, and which of them are hidden.

use super::revisions::{bytes_erase, revision_statements};
use super::sql::{VISIBILITY_APPLY, VISIBILITY_EVENT};
use super::{Receipts, receive_with_contact};
use crate::messages::receive::{Occasion, Received};
use channels::{Revision, Visibility};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::Error;
use common::ids::{ChannelId, Ids};
use common::json::writer::quoted;
use common::ports::Queue;
use common::time::SECOND;

/// Ingests one page's delivery of comments in one batch, as
/// [`receive_with_receipts`](super::receive_with_receipts) does.
///
/// # Errors
/// As there.
pub async fn receive_comments(
    cx: &Context<'_>,
    received: Received<'_>,
    revisions: &[Revision],
    visibility: &[Visibility],
) -> Result<(), Error> {
    let receipts = Receipts {
        own: &[],
        watermarks: &[],
        revisions,
    };
    let last = visibility_statements(cx, received.channel_id, visibility);
    let alone = (Occasion::Written, Vec::new());
    receive_with_contact(cx, received, receipts, None, alone, last).await
}

/// Stores what was done to messages of an account here, as the provider's news of it would.
///
/// # Errors
/// 503 when the database is away, or KV where a message was deleted.
pub async fn messages_revise(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    revisions: &[Revision],
    visibility: &[Visibility],
) -> Result<(), Error> {
    bytes_erase(cx, channel_id, revisions).await?;
    let mut statements = revision_statements(cx, channel_id, revisions);
    statements.extend(visibility_statements(cx, channel_id, visibility));
    if !statements.is_empty() {
        cx.db.batch(statements).await?;
        cx.wake(Queue::Events, cx.business_id());
    }
    Ok(())
}

/// The statements that hide messages and show them again: of several for one message, the latest.
fn visibility_statements(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    visibility: &[Visibility],
) -> Vec<Statement> {
    let mut latest: Vec<_> = visibility.iter().enumerate().collect();
    latest.sort_by(|(m, a), (n, b)| {
        let by_id = a.provider_id.cmp(&b.provider_id);
        by_id.then(b.at.cmp(&a.at)).then(n.cmp(m))
    });
    latest.dedup_by(|(_, later), (_, first)| later.provider_id == first.provider_id);
    let mut statements = Vec::new();
    for array in json_arrays(latest.into_iter().map(|(_, one)| row(one))) {
        let params = || -> Vec<Value> {
            vec![
                cx.business_id().into(),
                array.text.as_str().into(),
                channel_id.into(),
                cx.now.micros().into(),
            ]
        };
        let mut event = params();
        event.push(Ids::new(cx.now, cx.entropy).shared_prefix().into());
        statements.push(VISIBILITY_EVENT.bind(event));
        statements.push(VISIBILITY_APPLY.bind(params()));
    }
    statements
}

fn row(one: &Visibility) -> String {
    let id = quoted(&one.provider_id);
    let (is_hidden, at) = (i32::from(one.is_hidden), one.at.micros() / SECOND);
    format!("[{id},{is_hidden},{at}]")
}
