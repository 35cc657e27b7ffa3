use crate::handoff::{handoff_scan, wake_unscanned};
use crate::sql::{CACHE_PRUNE, DUE_RECONCILES, DUE_STREAMS, JOB_PRUNE, RECONCILE_LATER};
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::ports::Queue;
use common::time::{DAY, SECOND};
use connectors::CONNECTORS;
use crm::Sync;
use crm::run::work;

/// How often a CRM is asked what changed, since a webhook may be lost or switched off, in seconds;
/// the deployment's `CRM_RECONCILE_SECONDS` says otherwise.
const RECONCILE_SECONDS: i64 = 300;
/// How long what was done is remembered.
const KEPT_MICROS: i64 = 30 * DAY;
/// Most rows that the cron takes away, and most businesses that it wakes, at once.
const MAX_ROWS: i64 = 500;

/// Does what waits for a business, which the message names.
///
/// 1. Looks for customers who ask for a person, where the business has this on, and hands their
///    conversations to people: with or without a CRM, and also while one is away.
/// 2. Does the jobs of the CRMs that the business is connected to ([`work`]).
/// 3. Wakes the Workers of the other CRMs that it is connected to.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    handle_with(connectors::SERVICE, cx, message).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Sync],
    cx: &Context<'_>,
    business_id: &str,
) -> Result<()> {
    let cx = &cx.of_business(business_id);
    // 1.
    handoff_scan(cx).await?;

    // 2.
    let others = work(connectors, cx, Queue::Crm).await?;

    // 3.
    for other in &others {
        let mut known = CONNECTORS.iter();
        if let Some(connector) = known.find(|one| one.name() == other.connector) {
            cx.wake(connector.queue(), business_id);
        }
    }
    Ok(())
}

/// Each minute.
///
/// 1. Makes the jobs that ask CRMs what changed, forgets what is old, and finds what is due: in one
///    transaction.
/// 2. Wakes the businesses that have something due.
/// 3. Wakes businesses that have messages to look at for triggers, since a wake may be lost.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    let now = cx.now.micros();
    let seconds = (cx.ports.variable)("CRM_RECONCILE_SECONDS").and_then(|set| set.parse().ok());
    let later = now + seconds.unwrap_or(RECONCILE_SECONDS).max(1) * SECOND;
    let results = cx
        .db
        .batch(vec![
            DUE_RECONCILES.bind(vec![now.into()]),
            RECONCILE_LATER.bind(vec![now.into(), later.into()]),
            JOB_PRUNE.bind(vec![(now - KEPT_MICROS).into(), MAX_ROWS.into()]),
            CACHE_PRUNE.bind(vec![now.into(), MAX_ROWS.into()]),
            DUE_STREAMS.bind(vec![now.into(), MAX_ROWS.into()]),
        ])
        .await?;

    // 2.
    for row in results.last().into_iter().flatten() {
        cx.wake(Queue::Crm, Columns::of(row).str("business_id")?);
    }

    // 3.
    wake_unscanned(cx).await
}
