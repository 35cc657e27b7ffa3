use common::Context;
use common::http::Result;
use webhooks;

/// Hands a business's events to those who want to know of them. The message is the business's id.
///
/// 1. Reads the events past the business's cursor, and the held ones that are due.
/// 2. Builds the body of each that an endpoint wants, once.
/// 3. Writes the deliveries and moves the cursor, in one transaction.
/// 4. Wakes `deliver-webhooks` for each endpoint concerned.
pub async fn handle(cx: &Context<'_>, business_id: &str) -> Result<()> {
    webhooks::fan_out(cx, connectors::CONNECTORS, business_id).await
}

/// Wakes whoever has something due that nobody was woken for: events, deliveries, media, sends.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    webhooks::wake_due(cx).await
}
