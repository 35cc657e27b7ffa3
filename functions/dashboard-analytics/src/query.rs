//! What a request asks for.

use common::day::Day;
use common::http::{Error, Query, prefers};
use common::time::Timestamp;

/// Most days of a span.
pub const MAX_DAYS: i64 = 92;
/// Days of a span, where the request does not say.
const DEFAULT_DAYS: i64 = 7;

/// What `GET /api/dashboard/analytics` asks for.
#[derive(Debug)]
pub struct AnalyticsQuery {
    /// Of which days.
    pub span: Span,
    /// As what.
    pub format: Format,
}

/// Days, both inclusive: at most [`MAX_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

/// How figures are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// All of them.
    Json,
    /// CSV with a row for each day.
    Days,
    /// CSV with a row for each agent.
    Agents,
}

impl AnalyticsQuery {
    /// Reads a request's query and its `accept`, which counts where the query does not say.
    ///
    /// # Errors
    /// 422 for what is no date, a span that ends before it begins or has more than [`MAX_DAYS`], a
    /// format or a table that there is not.
    pub fn from_query(query: &Query, accept: Option<&str>, now: Timestamp) -> Result<Self, Error> {
        Ok(Self {
            span: span_of(query, now)?,
            format: format_of(query, accept)?,
        })
    }
}

/// Without `to` the span ends today, without `from` it has [`DEFAULT_DAYS`].
fn span_of(query: &Query, now: Timestamp) -> Result<Span, Error> {
    let to = day_of(query, "to")?.unwrap_or(Day::of(now));
    let from = day_of(query, "from")?.unwrap_or(to.plus(1 - DEFAULT_DAYS));
    let span = Span { from, to };
    match span.day_count() {
        ..=0 => {
            let message = "`from` must not be after `to`, which is today where it is not given.";
            Err(Error::invalid("query.from", "not_after_to", message))
        }
        1..=MAX_DAYS => Ok(span),
        _ => {
            let message = format!("A span has at most {MAX_DAYS} days.");
            let rule = format!("at_most_{MAX_DAYS}_days");
            Err(Error::invalid("query.from", rule, message))
        }
    }
}

fn day_of(query: &Query, name: &'static str) -> Result<Option<Day>, Error> {
    let read = |text| {
        Day::parse(text).ok_or_else(|| {
            let message = format!("`{name}` must be a date such as 2026-11-20, from 1970 to 2199.");
            Error::invalid(format!("query.{name}"), "date", message)
        })
    };
    query.get(name).map(read).transpose()
}

/// A table is CSV, and is the days' where the query does not say.
fn format_of(query: &Query, accept: Option<&str>) -> Result<Format, Error> {
    let table = match query.get("of") {
        None => None,
        Some("days") => Some(Format::Days),
        Some("agents") => Some(Format::Agents),
        Some(_) => {
            let message = "`of` must be days or agents.";
            return Err(Error::invalid("query.of", "known_table", message));
        }
    };
    match (query.get("format"), table) {
        (Some("json"), None) => Ok(Format::Json),
        (Some("json"), Some(_)) => {
            let message = "`of` names a table of CSV; JSON has all of them.";
            Err(Error::invalid("query.of", "csv_alone", message))
        }
        (Some("csv") | None, Some(table)) => Ok(table),
        (Some("csv"), None) => Ok(Format::Days),
        (None, None) if prefers(accept.unwrap_or_default(), "text/csv") => Ok(Format::Days),
        (None, None) => Ok(Format::Json),
        (Some(_), _) => {
            let message = "`format` must be json or csv.";
            Err(Error::invalid("query.format", "known_format", message))
        }
    }
}

impl Span {
    /// How many days; less than one where it ends before it begins.
    #[must_use]
    pub fn day_count(&self) -> i64 {
        self.to.number() - self.from.number() + 1
    }

    /// The days, in order.
    pub(crate) fn days(self) -> impl Iterator<Item = Day> {
        (0..self.day_count()).map(move |n| self.from.plus(n))
    }
}
