//! How it stands with a message.

use crate::claim::Claim;
use crate::reason::Reason;
use crate::sql::{REPLY_FAILURE, REPLY_SENDING, REPLY_SETTLE};
use common::Context;
use common::db::{Statement, Value};
use common::http::{Error, Result};
use common::ports::Queue;
use common::time::SECOND;
use replies::Replies;

/// That a message is settled: `sent`, `handed_off` or `skipped`. Of one that another job has meanwhile, nothing.
pub(crate) async fn settle(
    cx: &Context<'_>,
    claim: &Claim,
    state: &'static str,
    reason: Option<Reason>,
) -> Result<()> {
    let statement = moved(cx, claim, Some(state), reason, None);
    cx.db.rows(statement).await?;
    Ok(())
}

/// That a message comes to a state; it is looked at again at `due_at`, or never.
pub(crate) fn moved(
    cx: &Context<'_>,
    claim: &Claim,
    state: Option<&'static str>,
    reason: Option<Reason>,
    due_at: Option<i64>,
) -> Statement {
    REPLY_SETTLE.bind(vec![
        cx.business_id().into(),
        (&claim.message_id).into(),
        state.into(),
        reason.map(Reason::as_str).into(),
        due_at.into(),
        cx.now.micros().into(),
        claim.until.into(),
    ])
}

/// Begins a message again a little later.
pub(crate) async fn again(cx: &Context<'_>, claim: &Claim) -> Result<()> {
    let wait = claim.wait();
    let due_at = cx.time_now().micros() + i64::from(wait) * SECOND;
    let statement = moved(cx, claim, None, None, Some(due_at));
    cx.db.rows(statement).await?;
    let message = [cx.business_id(), " ", claim.conversation_id.as_str()].concat();
    cx.wake_after(Queue::Replies, message, wait + 1);
    Ok(())
}

/// Writes down that a reply is being sent. Whether it may be.
pub(crate) async fn marked_sending(cx: &Context<'_>, claim: &Claim) -> Result<bool> {
    let statement = REPLY_SENDING.bind(vec![
        cx.business_id().into(),
        (&claim.message_id).into(),
        cx.now.micros().into(),
        claim.until.into(),
        claim.until.into(),
    ]);
    let rows = cx.db.rows(statement).await?;
    Ok(!rows.is_empty())
}

/// That the server did not write a reply. Its own words may quote what the customer wrote; what stands before them
/// does not.
pub(crate) async fn failed(cx: &Context<'_>, error: &Error) -> Result<()> {
    let ours = error.message().split(':').next().unwrap_or_default();
    let ours = [ours.trim_end_matches('.'), "."].concat();
    cx.note(format!("no reply was written: {}", error.code()));
    remember(cx, ours.into()).await
}

/// That it does again, where it did not.
pub(crate) async fn wrote(cx: &Context<'_>, replies: &Replies) -> Result<()> {
    match replies.failure {
        Some(_) => remember(cx, Value::Null).await,
        None => Ok(()),
    }
}

async fn remember(cx: &Context<'_>, failure: Value) -> Result<()> {
    let params = vec![cx.business_id().into(), failure, cx.now.micros().into()];
    cx.db.rows(REPLY_FAILURE.bind(params)).await?;
    Ok(())
}
