//! Deliveries as people see them: what went where, and how it went.

use crate::sql::{
    DELIVERY_GET, DELIVERY_PAGE, DELIVERY_PAGE_OF_STATUS, DELIVERY_REPLAY, ENDPOINT_STATUS,
};
use common::context::Context;
use common::db::{Columns, Row, Value};
use common::http::{Error, Kind, Query, Response, decode_cursor, encode_cursor};
use common::ids::{DeliveryId, EndpointId};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;
use webhooks::endpoint::{disabled, known_id, not_found};
use webhooks::target::Target;

/// Deliveries on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 20;
/// Most deliveries on a page.
const PAGE_MAX: u32 = 50;

/// The status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DeliveryStatus {
    /// It is being attempted.
    Pending,
    /// The endpoint accepted it.
    Delivered,
    /// It is no longer retried, unless it is replayed.
    Failed,
}

impl DeliveryStatus {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Pending, "pending"),
        (Self::Delivered, "delivered"),
        (Self::Failed, "failed"),
    ];

    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(status, _)| *status)
    }
}

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// The number of the attempt, from 1; replays continue the count.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// The endpoint's status, if it responded.
    pub status_code: Option<i64>,
    /// The duration.
    pub duration_ms: i64,
    /// The first 4 KiB of the response body, as text.
    pub response_excerpt: Option<String>,
    /// Why there was no response.
    pub error: Option<String>,
}

/// A delivery of an event to an endpoint.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook_id: EndpointId,
    /// What happened.
    pub event: String,
    /// The event's id: `X-Webhook-Id`, the same over retries and replays.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub event_id: String,
    /// The event's `sequence`.
    pub sequence: i64,
    /// The status.
    pub status: DeliveryStatus,
    /// Why it is no longer retried: `retries_exhausted`, `refused` (a 4xx), `redirect`, `gone`,
    /// `endpoint_disabled`, `erased` (the person was erased), `unbuildable` (our bug).
    pub failure_reason: Option<String>,
    /// The time of the next attempt, while pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When the delivery was created.
    pub created_at: Timestamp,
    /// The last ten attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// A page of deliveries, newest event first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeliveryList {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// A replayed delivery.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replayed {
    /// The delivery.
    pub delivery: Delivery,
}

impl Delivery {
    /// Reads `delivery_columns!`.
    fn of_row(row: &Row) -> Result<Self, Error> {
        Self::of_columns(&mut Columns::of(row))
    }

    fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: columns.id("id")?,
            webhook_id: columns.id("endpoint_id")?,
            event: columns.text("event")?,
            event_id: columns.text("event_id")?,
            sequence: columns.integer("sequence")?,
            status: columns.parsed("status", DeliveryStatus::named)?,
            failure_reason: columns.text_or_null("reason")?,
            next_attempt_at: columns.time_or_null("due_at")?,
            created_at: columns.time("created_at")?,
            attempts: columns.parsed("attempts", attempts_of)?,
        })
    }
}

/// Reads [[number, at, status code, duration, excerpt, error], …].
fn attempts_of(json: &str) -> Option<Vec<Attempt>> {
    raw::list(json)?.into_iter().map(attempt_of).collect()
}

fn attempt_of(json: &str) -> Option<Attempt> {
    let whole = |json| raw::integer(json)?.parse().ok();
    let [
        number,
        at,
        status_code,
        duration_ms,
        response_excerpt,
        error,
    ] = raw::list(json)?.try_into().ok()?;
    Some(Attempt {
        number: whole(number)?,
        at: Timestamp::from_micros(whole(at)?),
        status_code: whole(status_code),
        duration_ms: whole(duration_ms)?,
        response_excerpt: raw::text(response_excerpt),
        error: raw::text(error),
    })
}

/// The deliveries to an endpoint: `status`, `limit` (at most 50), `cursor`.
///
/// # Errors
/// 404; 422 for another status, limit or cursor.
pub async fn delivery_list(
    cx: &Context<'_>,
    id: &str,
    query: &Query,
) -> Result<DeliveryList, Error> {
    let status = query.get("status").map(|name| {
        DeliveryStatus::named(name).map(|_| name).ok_or_else(|| {
            let message = "`status` must be pending, delivered or failed.";
            Error::invalid("query.status", "pending_delivered_failed", message)
        })
    });
    let status = status.transpose()?;
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    // Beyond every sequence, within what crosses as a JavaScript number.
    let before = query
        .get("cursor")
        .map(|cursor| decode_cursor(cursor, |text| text.parse::<u32>().ok().map(i64::from)))
        .transpose()?
        .unwrap_or(1 << 52);
    let (business, id) = (cx.business_id(), known_id(id)?);
    let mut params: Vec<Value> = vec![
        business.into(),
        (&id).into(),
        before.into(),
        (i64::from(limit) + 1).into(),
    ];
    let page = match status {
        None => DELIVERY_PAGE.bind(params),
        Some(status) => {
            params.push(status.into());
            DELIVERY_PAGE_OF_STATUS.bind(params)
        }
    };
    let get = ENDPOINT_STATUS.bind(vec![business.into(), (&id).into()]);
    let results = cx.db.batch(vec![get, page]).await?;
    let [endpoint, rows] = results.as_slice() else {
        return Err(Error::internal("a batch lost its results"));
    };
    if endpoint.is_empty() {
        return Err(not_found());
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let deliveries = rows.iter().take(limit).map(Delivery::of_row);
    let deliveries: Vec<Delivery> = deliveries.collect::<Result<_, _>>()?;
    let has_more = rows.len() > limit;
    let last = deliveries.last().filter(|_| has_more);
    Ok(DeliveryList {
        next_cursor: last.map(|last| encode_cursor(&last.sequence.to_string())),
        has_more,
        deliveries,
    })
}

impl Replayed {
    /// The answer. It is made again of its last attempt so far and the time of the next.
    pub(crate) fn response(&self) -> Response {
        let last = self.delivery.attempts.last();
        let last = last.map_or(0, |attempt| attempt.number);
        let next = self.delivery.next_attempt_at.map(Timestamp::micros);
        let recall = format!("{last} {}", next.unwrap_or_default());
        Response::json(200, self).recalled_by(recall)
    }
}

/// The replay of an earlier request with the same `Idempotency-Key`, as it was answered.
///
/// # Errors
/// 404 for a delivery that was deleted since, as its endpoint may have been.
pub(crate) async fn replay_recalled(
    cx: &Context<'_>,
    id: &str,
    recall: &str,
) -> Result<Replayed, Error> {
    let (last, next) = recall.split_once(' ').unwrap_or_default();
    let [last, next]: [i64; 2] = [last, next].map(|number| number.parse().unwrap_or_default());
    let get = DELIVERY_GET.bind(vec![cx.business_id().into(), id.into()]);
    let rows = cx.db.rows(get).await?;
    let mut delivery = Delivery::of_row(rows.first().ok_or_else(no_delivery)?)?;
    delivery.status = DeliveryStatus::Pending;
    delivery.failure_reason = None;
    delivery.next_attempt_at = (next > 0).then(|| Timestamp::from_micros(next));
    delivery.attempts.retain(|attempt| attempt.number <= last);
    Ok(Replayed { delivery })
}

fn no_delivery() -> Error {
    Error::new(Kind::NotFound, "There is no such delivery.")
}

/// Makes a delivery due again, whatever its status. One that is still being tried is left alone.
///
/// # Errors
/// 404, also where its endpoint was deleted; 409 where that is disabled; 410 where the event's body is not
/// kept any more.
pub async fn delivery_replay(cx: &Context<'_>, id: &str) -> Result<Replayed, Error> {
    let id = DeliveryId::parse(id).ok_or_else(no_delivery)?;
    let business = cx.business_id();
    let replay = vec![business.into(), (&id).into(), cx.now.micros().into()];
    let get = vec![business.into(), (&id).into()];
    let statements = vec![DELIVERY_REPLAY.bind(replay), DELIVERY_GET.bind(get)];
    let results = cx.db.batch(statements).await?;
    let row = results
        .get(1)
        .and_then(|rows| rows.first())
        .ok_or_else(no_delivery)?;
    let mut columns = Columns::of(row);
    let delivery = Delivery::of_columns(&mut columns)?;
    if columns.str("endpoint_status")? != "active" {
        return Err(disabled());
    }
    // Were its body there, it would be pending by now.
    if delivery.status == DeliveryStatus::Delivered {
        let message = "This event was delivered everywhere, and its body is not kept any more.";
        return Err(Error::new(Kind::BodyExpired, message));
    }
    Target::new(business, &delivery.webhook_id).wake(cx, 0);
    Ok(Replayed { delivery })
}
