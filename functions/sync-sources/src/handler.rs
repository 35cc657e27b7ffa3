use common::Context;
use common::http::Result;
use common::ports::Queue;
use crm::Sync;
use crm::run::work;

/// Does what waits for a business, which the message names, at sources of conversations: systems that customers write
/// to and agents answer in. It is a Worker of its own, so that a slow CRM keeps nobody there waiting.
///
/// 1. Does the jobs of the sources that the business is connected to, as [`work`] says.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    handle_with(connectors::SOURCES, cx, message).await
}

/// As [`handle`], for these sources.
pub async fn handle_with(sources: &[&dyn Sync], cx: &Context<'_>, business_id: &str) -> Result<()> {
    // 1.
    work(sources, &cx.of_business(business_id), Queue::Sources).await?;
    Ok(())
}
