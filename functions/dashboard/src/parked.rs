//! Parked deliveries that failed when they were replayed.

use crate::sql::PARKED_PAGE;
use common::context::Context;
use common::db::{Row, Value};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::time::Timestamp;
use serde::Serialize;

const PAGE_MAX: u32 = 100;
const PAGE_DEFAULT: u32 = 50;

/// Whether a parked delivery is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ParkedState {
    /// It is tried again each minute.
    Waiting,
    /// It failed 20 times and was given up. Its bytes stay in KV.
    Dead,
}

/// A delivery of a provider that was acknowledged while the database was down and has failed since.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParkedDelivery {
    /// Where its bytes are in KV: `inbound/…` while it waits. A dead one is at `dead-inbound/…`, with
    /// the same rest.
    pub key: String,
    /// The receiver: `meta`, `twilio` or `email`.
    pub receiver: String,
    /// Whether it is tried again.
    pub state: ParkedState,
    /// Failed attempts so far.
    pub tries: i64,
    /// The error code of the last attempt.
    pub code: String,
    /// The error message of the last attempt.
    pub message: String,
    /// When it first failed.
    pub first_tried_at: Timestamp,
    /// When it last failed.
    pub last_tried_at: Timestamp,
}

/// A page of parked deliveries that failed, by key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParkedDeliveryList {
    /// The deliveries.
    pub deliveries: Vec<ParkedDelivery>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

impl ParkedDelivery {
    /// Reads a row of [`PARKED_PAGE`].
    fn of_row(row: &Row) -> Option<Self> {
        let text = |n: usize| row.get(n).and_then(Value::as_text).map(str::to_owned);
        let integer = |n: usize| row.get(n).and_then(Value::as_integer);
        Some(Self {
            key: text(0)?,
            receiver: text(1)?,
            tries: integer(2)?,
            state: match text(3)?.as_str() {
                "waiting" => ParkedState::Waiting,
                "dead" => ParkedState::Dead,
                _ => return None,
            },
            code: text(4)?,
            message: text(5)?,
            first_tried_at: Timestamp::from_micros(integer(6)?),
            last_tried_at: Timestamp::from_micros(integer(7)?),
        })
    }
}

/// `GET parked-deliveries` (platform token): `limit` (at most 100), `cursor`.
///
/// # Errors
/// 422 for another limit or cursor.
pub(crate) async fn parked_list(
    cx: &Context<'_>,
    query: &Query,
) -> Result<ParkedDeliveryList, Error> {
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let cursor = query.get("cursor");
    let after = cursor.map(|cursor| decode_cursor(cursor, |text| Some(text.to_owned())));
    let params = vec![
        after.transpose()?.unwrap_or_default().into(),
        (i64::from(limit) + 1).into(),
    ];
    let rows = cx.db.rows(PARKED_PAGE.bind(params)).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let page = rows.iter().take(limit).map(ParkedDelivery::of_row);
    let deliveries: Option<Vec<_>> = page.collect();
    let deliveries = deliveries.ok_or_else(|| Error::internal("a row has another shape"))?;
    let has_more = rows.len() > limit;
    let last = deliveries.last().filter(|_| has_more);
    Ok(ParkedDeliveryList {
        next_cursor: last.map(|last| encode_cursor(&last.key)),
        has_more,
        deliveries,
    })
}
