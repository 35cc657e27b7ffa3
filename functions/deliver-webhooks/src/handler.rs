use common::Context;
use common::http::Result;

/// Delivers what is due to one endpoint. The message is `{"business_id", "endpoint_id"}`.
///
/// 1. Claims deliveries that are due, so that never more than eight are under way to an endpoint.
/// 2. Posts them side by side, each signed, each within ten seconds, following no redirect.
/// 3. Writes down every attempt. A 2xx is success; a 4xx but 429, and a 3xx, is final; the rest is
///    tried again after 2, 4 and 8 seconds, or after a longer `Retry-After`.
/// 4. Disables an endpoint that answers 410, or that took nothing for five days, and says so to the
///    business's others.
/// 5. Begins anew while something is due.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    crate::deliver::deliver(cx, message).await
}
