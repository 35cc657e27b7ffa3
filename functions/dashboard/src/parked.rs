//! Parked deliveries that failed when they were replayed.

use crate::sql::PARKED_PAGE;
use common::context::Context;
use common::db::{Columns, Row};
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
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            key: columns.text("key")?,
            receiver: columns.text("receiver")?,
            tries: columns.integer("tries")?,
            state: columns.parsed("state", |state| match state {
                "waiting" => Some(ParkedState::Waiting),
                "dead" => Some(ParkedState::Dead),
                _ => None,
            })?,
            code: columns.text("code")?,
            message: columns.text("message")?,
            first_tried_at: columns.time("first_tried_at")?,
            last_tried_at: columns.time("last_tried_at")?,
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
    let deliveries: Vec<_> = page.collect::<Result<_, _>>()?;
    let has_more = rows.len() > limit;
    let last = deliveries.last().filter(|_| has_more);
    Ok(ParkedDeliveryList {
        next_cursor: last.map(|last| encode_cursor(&last.key)),
        has_more,
        deliveries,
    })
}
