use common::Context;
use common::http::{Request, Response, Result};
use crm::history::{History, HistoryQuery, customer_history};

/// `GET /api-customer-history?customer_id=|external_id=[&external_system=]|email=|phone=
/// [&limit=&cursor=&refresh=&include_messages=]` (`conversations:read`)
///
/// 1. Reads who is asked for: 422 for nobody, for two at once, or a value that cannot be of its
///    kind. Finds the customer: 404, or 409 `ambiguous_external_id`; and the CRM: 409
///    `crm_not_connected`.
/// 2. Takes what the CRM told in the last 10 minutes, with `refresh=true` in the last 30 seconds;
///    else asks it, within the budget, and remembers for a day what it tells.
/// 3. Takes what is remembered where the CRM cannot be asked (`stale`); 503 `crm_unavailable` where
///    nothing is.
/// 4. Answers 200 with `{success, customer, connector, remote_customer_id, conversations, cached,
///    stale, fetched_at, truncated, has_more, next_cursor}`, the conversation that went on last first.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    handle_with(connectors::HISTORY, cx, request).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn History],
    cx: &Context<'_>,
    request: Request,
) -> Result<Response> {
    // 1.
    let query = HistoryQuery::from_query(&request.query)?;
    // 2., 3.
    let json = customer_history(cx, connectors, &query).await?;
    // 4.
    Ok(Response::json_text(200, json))
}
