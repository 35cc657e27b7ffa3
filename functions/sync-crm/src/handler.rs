use crate::handoff::{handoff_scan, wake_unscanned};
use common::Context;
use common::http::Result;
use crm::{Sync, sync_run, wake_due};

/// Does what waits for a business, which the message names.
///
/// 1. Looks for customers who ask for a person, where the business has this on, and hands their
///    conversations to people: with or without a CRM, and also while one is away.
/// 2. Takes customers with something due, what people wait for first, four at once, and does the jobs
///    of each in order. Every request takes from the business's budget. What came of each is written
///    down: done, skipped, to be tried again, or failed for good. A CRM that refuses the key or does not
///    answer is left alone for a while.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    handle_with(connectors::SYNC, cx, message).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Sync],
    cx: &Context<'_>,
    business_id: &str,
) -> Result<()> {
    let own = cx.of_business(business_id);
    work(connectors, &own).await
}

async fn work(connectors: &[&dyn Sync], cx: &Context<'_>) -> Result<()> {
    // 1.
    handoff_scan(cx).await?;
    // 2.
    sync_run(cx, connectors).await
}

/// Each minute.
///
/// 1. Wakes businesses that have jobs due, has CRMs asked what changed, forgets what is old.
/// 2. Wakes businesses that have messages to look at for triggers, since a wake may be lost.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    wake_due(cx).await?;
    // 2.
    wake_unscanned(cx).await
}
