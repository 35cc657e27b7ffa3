//! Calls, counted.

use crate::filter::{invalid, operation, word};
use crate::sql::{USAGE_BY_CALLER, USAGE_BY_DAY, USAGE_BY_OPERATION};
use common::context::Context;
use common::day::Day;
use common::db::{Columns, Row, Value, next_rows};
use common::http::{Error, Query};
use common::time::Timestamp;
use serde::Serialize;

/// Most days of a span: as long as the counts are kept.
const MAX_DAYS: i64 = 92;
const DEFAULT_DAYS: i64 = 30;
/// Most callers that are listed.
const MAX_CALLERS: i64 = 200;
/// Most operations that are listed: there are fewer.
const MAX_OPERATIONS: i64 = 500;

/// What `GET usage` asks for.
#[derive(Debug)]
pub(crate) struct UsageQuery {
    from: Day,
    to: Day,
    key_id: Option<String>,
    member_id: Option<String>,
    operation: Option<String>,
}

impl UsageQuery {
    /// Reads it. Without `to` the span ends today, without `from` it has 30 days.
    ///
    /// # Errors
    /// 422 for what is no date, a span that ends before it begins or has more than 92 days, and an unknown operation.
    pub(crate) fn read(query: &Query, now: Timestamp) -> Result<Self, Error> {
        let to = day(query, "to")?.unwrap_or(Day::of(now));
        let from = day(query, "from")?.unwrap_or(to.plus(1 - DEFAULT_DAYS));
        match to.number() - from.number() + 1 {
            ..=0 => {
                let message =
                    "`from` must not be after `to`, which is today where it is not given.";
                return Err(invalid("from", "not_after_to", message.to_owned()));
            }
            1..=MAX_DAYS => {}
            _ => {
                let message = format!("A span has at most {MAX_DAYS} days.");
                return Err(invalid("from", "at_most_92_days", message));
            }
        }
        Ok(Self {
            from,
            to,
            key_id: word(query, "key_id")?,
            member_id: word(query, "member_id")?,
            operation: operation(query)?,
        })
    }

    fn params(&self, cx: &Context<'_>) -> Vec<Value> {
        vec![
            cx.business_id().into(),
            self.from.number().into(),
            self.to.number().into(),
            self.key_id.as_deref().into(),
            self.member_id.as_deref().into(),
            self.operation.as_deref().into(),
        ]
    }
}

fn day(query: &Query, name: &'static str) -> Result<Option<Day>, Error> {
    let read = |text| {
        Day::parse(text).ok_or_else(|| {
            let message = format!("`{name}` must be a date such as 2026-11-20, from 1970 to 2199.");
            invalid(name, "date", message)
        })
    };
    query.get(name).map(read).transpose()
}

/// Calls that are counted together.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallCounts {
    /// All.
    pub calls: i64,
    /// Those of them that were answered with 400 to 499.
    pub refused: i64,
    /// Those of them that were answered with 500 and more.
    pub failed: i64,
    /// Milliseconds of one in the mean.
    pub mean_ms: i64,
}

impl CallCounts {
    fn of(columns: &mut Columns<'_>) -> Result<Self, Error> {
        let calls = columns.integer("calls")?;
        let refused = columns.integer("refused")?;
        let failed = columns.integer("failed")?;
        let ms = columns.integer("ms")?;
        Ok(Self {
            calls,
            refused,
            failed,
            mean_ms: (ms + calls / 2) / calls.max(1),
        })
    }
}

/// A day on which there were calls.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayUsage {
    /// The date, in UTC.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub date: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: CallCounts,
}

/// A key or a member who called.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallerUsage {
    /// The key, or the key that opened the session; null for a member.
    pub key_id: Option<String>,
    /// The key's name now.
    pub key_name: Option<String>,
    /// The member whose session called; null for a key.
    pub member_id: Option<String>,
    /// The member's name; null for one who was removed.
    pub member_name: Option<String>,
    /// The counts.
    #[serde(flatten)]
    pub counts: CallCounts,
}

/// An operation that was called.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationUsage {
    /// The `operationId` in this API's description.
    pub operation: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: CallCounts,
}

/// What a business called in a span of days.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// The first day.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub from: String,
    /// The last day.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub to: String,
    /// The days on which there were calls, in order.
    pub days: Vec<DayUsage>,
    /// Who called, busiest first, at most 200.
    pub callers: Vec<CallerUsage>,
    /// What was called, most often first.
    pub operations: Vec<OperationUsage>,
}

/// `GET usage`: counts of a span.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn usage_get(cx: &Context<'_>, query: &UsageQuery) -> Result<Usage, Error> {
    let with = |most: i64| {
        let mut params = query.params(cx);
        params.push(most.into());
        params
    };
    let statements = vec![
        USAGE_BY_DAY.bind(query.params(cx)),
        USAGE_BY_CALLER.bind(with(MAX_CALLERS)),
        USAGE_BY_OPERATION.bind(with(MAX_OPERATIONS)),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let (days, callers) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let operations = next_rows(&mut results)?;
    let is_there = |text: String| (!text.is_empty()).then_some(text);
    let day = |row: &Row| {
        let mut columns = Columns::of(row);
        let number = columns.integer("day")?;
        Ok::<_, Error>(DayUsage {
            date: Day::of(Timestamp::from_micros(0)).plus(number).to_string(),
            counts: CallCounts::of(&mut columns)?,
        })
    };
    let caller = |row: &Row| {
        let mut columns = Columns::of(row);
        Ok::<_, Error>(CallerUsage {
            key_id: is_there(columns.text("key_id")?),
            key_name: columns.text_or_null("key_name")?,
            member_id: is_there(columns.text("member_id")?),
            member_name: columns.text_or_null("member_name")?,
            counts: CallCounts::of(&mut columns)?,
        })
    };
    let operation = |row: &Row| {
        let mut columns = Columns::of(row);
        Ok::<_, Error>(OperationUsage {
            operation: columns.text("operation")?,
            counts: CallCounts::of(&mut columns)?,
        })
    };
    Ok(Usage {
        from: query.from.to_string(),
        to: query.to.to_string(),
        days: days.iter().map(day).collect::<Result<_, _>>()?,
        callers: callers.iter().map(caller).collect::<Result<_, _>>()?,
        operations: operations.iter().map(operation).collect::<Result<_, _>>()?,
    })
}
