use common::Context;
use common::http::Result;
use customer::apply_run;

/// A call of sync-crm, which has a record of a customer who changed in a CRM.
///
/// 1. Applies it as api-customers-sync would: found by its identities, merged, events raised.
/// 2. Tells why it could not be, where it failed.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    apply_run(cx, body).await
}
