//! What a CRM knows of a customer's past: asked of it when somebody wants to know, and remembered for
//! a while.

mod kept;
mod past;
mod reader;
pub mod sql;

pub use past::{ConversationHistory, PastConversation, PastMessage};

use super::sql::INTEGRATIONS_ACTIVE;
use super::{Connector, CrmClient, Failure, Integration, with_connector};
use common::context::Context;
use common::http::{Error, Kind, Query, decode_cursor};
use common::json::lenient::{quoted, text};
use common::json::raw::part;
use common::json::written::Written;
use common::outside::Async;
use common::time::SECOND;
use customer::{CustomerQuery, customer_of, customer_statement};
use reader::Reader;
use std::cell::Cell;

/// Conversations on a page, where the request does not say, and at most.
const PAGE: (u32, u32) = (20, 100);
/// The same with messages, for each of which the CRM has to be asked.
const PAGE_WITH_MESSAGES: (u32, u32) = (5, 10);
/// How long an answer of the CRM's holds.
const FRESH_MICROS: i64 = 600 * SECOND;
/// How long it holds for whoever wants it anew.
const LATELY_MICROS: i64 = 30 * SECOND;
/// Longest id of theirs that a cursor may have.
const MAX_ID_BYTES: usize = 128;

/// A CRM, as far as it tells of the past.
pub trait History: Connector {
    /// Whether it tells of the past at all.
    fn keeps_history(&self) -> bool {
        false
    }

    /// A customer's conversations; nothing where the CRM does not know them.
    fn conversations<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a str,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async { Ok(ConversationHistory::default()) })
    }

    /// The messages of a conversation of theirs, in any order.
    fn messages<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a str,
    ) -> Async<'a, Result<Vec<PastMessage>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Remembers what a CRM told of a customer's past, as if somebody had asked for it now.
pub async fn history_keep(
    client: &CrmClient<'_>,
    customer_id: &str,
    past: &ConversationHistory,
) -> Result<(), Failure> {
    let told = kept::Kept::of(past, client.now());
    kept::keep(
        client,
        customer_id,
        &kept::key_of(customer_id),
        &told.written(),
    )
    .await
}

/// What `GET /api-customer-history` asks for.
#[derive(Debug)]
pub struct HistoryQuery {
    customer: CustomerQuery,
    limit: u32,
    after: Option<(i64, String)>,
    is_refresh: bool,
    with_messages: bool,
}

impl HistoryQuery {
    /// Reads a request's query; `customer_id` takes our id or the CRM's.
    ///
    /// # Errors
    /// 422 for nobody, two at once, or a value that cannot be of its kind.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let with_messages = query.flag("include_messages")?;
        let (default, most) = match with_messages {
            true => PAGE_WITH_MESSAGES,
            false => PAGE,
        };
        let after = query.get("cursor");
        Ok(Self {
            customer: CustomerQuery::of_customer_abroad(query)?,
            limit: query.number("limit", 1, most, default)?,
            after: after
                .map(|cursor| decode_cursor(cursor, place_of))
                .transpose()?,
            is_refresh: query.flag("refresh")?,
            with_messages,
        })
    }
}

/// A cursor is when the last conversation of its page went on, and its id.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let is_id = (1..=MAX_ID_BYTES).contains(&id.len());
    is_id.then_some((at.parse().ok()?, id.to_owned()))
}

/// A customer's conversations at the business's CRM: `{success, customer, connector,
/// remote_customer_id, conversations, cached, stale, fetched_at, truncated, has_more, next_cursor}`.
///
/// # Errors
/// 404 where there is no such customer; 409 where an external id is two customers', or no CRM is
/// connected; 503 `crm_unavailable` where the CRM cannot be asked and nothing is remembered.
pub async fn customer_history(
    cx: &Context<'_>,
    connectors: &[&dyn History],
    query: &HistoryQuery,
) -> Result<String, Error> {
    let statements = vec![
        customer_statement(cx, &query.customer)?,
        INTEGRATIONS_ACTIVE.bind(vec![cx.business_id().into()]),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let customer = customer_of(results.next().unwrap_or_default())?;
    let customer = part(&customer);
    let id = text(&customer, "id").unwrap_or_default();
    let active = results.next().unwrap_or_default();
    let active: Vec<_> = active
        .iter()
        .map(Integration::of_row)
        .collect::<Result<_, _>>()?;
    let mut connected = with_connector(connectors, active).into_iter();
    let (connector, integration) = connected
        .find(|(connector, _)| connector.keeps_history())
        .ok_or_else(not_connected)?;
    let client = CrmClient::new(cx, connector, &integration);
    let reader = Reader {
        connector,
        client: &client,
        customer_id: &id,
        holds: match query.is_refresh {
            true => LATELY_MICROS,
            false => FRESH_MICROS,
        },
        is_asked: Cell::new(false),
        missed: Cell::new(0),
    };
    let told = Written::default()
        .text("id", &id)
        .json(
            "external_id",
            &quoted(text(&customer, "external_id").as_deref()),
        )
        .json("name", &quoted(text(&customer, "name").as_deref()));
    reader.answer(query, &told.finish()).await
}

fn not_connected() -> Error {
    let message = "No CRM that keeps histories is connected, or it is switched off.";
    Error::new(Kind::CrmNotConnected, message)
}
