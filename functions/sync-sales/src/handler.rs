use common::Context;
use common::http::Result;
use common::ports::Queue;
use crm::Sync;
use crm::run::work;

/// Does what waits for a business, which the message names, at CRMs of sales: those that have leads and stages where
/// others have tickets. It is a Worker of its own, since each CRM's code is large, and so that one that is slow keeps no
/// other waiting. `sync-crm` wakes it.
///
/// 1. Does the jobs of those that the business is connected to, as [`work`] says.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    handle_with(connectors::SALES, cx, message).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Sync],
    cx: &Context<'_>,
    business_id: &str,
) -> Result<()> {
    // 1.
    work(connectors, &cx.of_business(business_id), Queue::Sales).await?;
    Ok(())
}
