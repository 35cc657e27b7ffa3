use common::Context;
use common::http::Result;
use crm;

/// The CRMs that it keeps in step.
const CONNECTORS: &[&dyn crm::Connector] = &[&crm_kustomer::Kustomer];

/// Does what waits for the CRMs of a business, which the message names.
///
/// 1. Looks for customers who ask for a person, and escalates: also while the CRM is away.
/// 2. Takes customers with something due, what people wait for first, four at once, and does the jobs
///    of each in order. Every request takes from the business's budget.
/// 3. Writes down what came of each: done, skipped, to be tried again, or failed for good.
/// 4. Leaves a CRM alone that refuses the key or does not answer, and goes on when it is back.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    crm::sync_run(cx, CONNECTORS, message).await
}

/// Each minute: wakes businesses that have something due, has CRMs asked what changed, forgets what is
/// old.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    crm::wake_due(cx).await
}
