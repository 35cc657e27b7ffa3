use crate::query::HistoryQuery;
use crate::reader::{Reader, array, not_connected};
use common::Context;
use common::http::{Error, Request, Response, Result};
use common::ids::CustomerId;
use common::json::raw::part;
use common::json::tolerant::{quoted, text};
use common::json::writer::JsonWriter;
use common::time::Timestamp;
use crm::history::History;
use crm::{CrmClient, Integration, integrations_active_statement, with_connector};
use customer::{customer_of, customer_statement};

/// `GET /api-customer-history?customer_id=|external_id=[&external_system=]|email=|phone=
/// [&connector=&limit=&cursor=&refresh=&include_messages=]` (`conversations:read`)
///
/// 1. Reads who is asked for: 422 for nobody, for two at once, or a value that cannot be of its
///    kind.
/// 2. Finds the customer: 404, or 409 `ambiguous_external_id`; and the CRM, the one that is named
///    or the first: 409 `crm_not_connected`.
/// 3. Takes what the CRM told in the last 10 minutes, with `refresh=true` in the last 30 seconds;
///    else asks it, within the budget, and remembers for a day what it tells. Takes what is remembered
///    where the CRM cannot be asked (`stale`); 503 `crm_unavailable` where nothing is.
/// 4. Takes a page of it, the conversation that went on last first, with the id of ours; with
///    `include_messages=true` each with its messages, read as in 3, or null where they cannot be had.
/// 5. Answers 200 with `{success, customer, connector, remote_customer_id, conversations, cached,
///    stale, fetched_at, truncated, has_more, next_cursor}`.
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

    // 2.
    let statements = vec![
        customer_statement(cx, &query.customer)?,
        integrations_active_statement(cx),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let customer = customer_of(results.next().unwrap_or_default())?;
    let customer = part(&customer);
    let id = text(&customer, "id").map(CustomerId::unchecked);
    let id = id.ok_or_else(|| Error::internal("a customer has no id"))?;
    let active = results.next().unwrap_or_default();
    let active: Result<Vec<_>> = active.iter().map(Integration::of_row).collect();
    let mut connected = with_connector(connectors, active?).into_iter();
    let wanted = query.connector.as_deref();
    let is_it = |name: &str| wanted.is_none_or(|wanted| wanted == name);
    let (connector, integration) = connected
        .find(|(connector, _)| connector.has_history() && is_it(connector.name()))
        .ok_or_else(not_connected)?;

    // 3.
    let client = CrmClient::new(cx, connector, &integration);
    let reader = Reader::new(connector, &client, &id, query.is_refresh);
    let history = reader.conversations().await?;

    // 4.
    let page = query.page(&history);
    let conversations = match query.with_messages {
        true => reader.with_messages(&page.conversations).await?,
        false => reader.with_local_ids(&page.conversations).await?,
    };

    // 5.
    let name = |field: &str| quoted(text(&customer, field).as_deref());
    let customer = JsonWriter::default()
        .text("id", id.as_str())
        .json("external_id", &name("external_id"))
        .json("name", &name("name"));
    let fetched_at = Timestamp::from_micros(history.fetched_at);
    let remote_customer_id = history.remote_customer_id.as_deref();
    let answer = JsonWriter::default()
        .json("success", "true")
        .json("customer", &customer.finish())
        .text("connector", connector.name())
        .json("remote_customer_id", &quoted(remote_customer_id))
        .json("conversations", &array(&conversations))
        .json("cached", flag(reader.is_cached()))
        .json("stale", flag(reader.is_stale()))
        .text("fetched_at", &fetched_at.to_string())
        .json("truncated", flag(history.is_cut))
        .json("has_more", flag(page.next_cursor.is_some()))
        .json("next_cursor", &quoted(page.next_cursor.as_deref()));
    Ok(Response::json_text(200, answer.finish()))
}

fn flag(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}
