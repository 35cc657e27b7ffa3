//! What people and keys changed.

use crate::sql::{AUDIT_BY_KEY, AUDIT_BY_OPERATION, AUDIT_BY_TARGET, AUDIT_PAGE};
use common::context::Context;
use common::db::{Columns, Row, Sql, Value};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::ids::{is_id, lowest_id};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;

const PAGE_MAX: u32 = 200;
const PAGE_DEFAULT: u32 = 50;
/// Sorts behind every id.
const AFTER_ALL: &str = "g";

/// A change.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// The id.
    pub id: String,
    /// What was done: the `operationId` in this API's description.
    pub operation: String,
    /// The id of what was changed, or the name of a connector; null for settings of the whole business.
    pub target: Option<String>,
    /// The names of the fields that the request set. Their values are not kept.
    pub fields: Vec<String>,
    /// The key, or the key that opened the session; `platform` for the operator's platform token.
    pub key_id: String,
    /// The key's name now.
    pub key_name: Option<String>,
    /// The IP address that the request came from.
    pub address: Option<String>,
    /// The request, as the log names it.
    pub request_id: String,
    /// The code of the error with which the request ended although it had written something; null for one
    /// that succeeded.
    pub error: Option<String>,
    /// When it was.
    pub created_at: Timestamp,
}

/// A page of changes, newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The changes.
    pub entries: Vec<AuditEntry>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

impl AuditEntry {
    /// Reads a row of [`AUDIT_PAGE`].
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.text("id")?,
            operation: columns.text("operation")?,
            target: columns.text_or_null("target")?,
            fields: columns.parsed("fields", |fields| {
                raw::list(fields)?.into_iter().map(raw::text).collect()
            })?,
            key_id: columns.text("key_id")?,
            key_name: columns.text_or_null("key_name")?,
            address: columns.text_or_null("address")?,
            request_id: columns.text("request_id")?,
            error: columns.text_or_null("error")?,
            created_at: columns.time("created_at")?,
        })
    }
}

/// The filter, if there is one: each has an index of its own.
fn filter_of(query: &Query) -> Result<(&'static Sql, Option<&str>), Error> {
    let filters = [
        ("operation", &AUDIT_BY_OPERATION),
        ("target", &AUDIT_BY_TARGET),
        ("key_id", &AUDIT_BY_KEY),
    ];
    let mut given = filters
        .into_iter()
        .filter_map(|(name, sql)| Some((name, sql, query.get(name)?)));
    let first = given.next();
    if let Some((name, ..)) = given.next() {
        let message = "Filter by one of `operation`, `target` and `key_id`.";
        return Err(Error::invalid(
            format!("query.{name}"),
            "one_filter",
            message,
        ));
    }
    Ok(first.map_or((&AUDIT_PAGE, None), |(_, sql, value)| (sql, Some(value))))
}

/// The lowest id of a time in the query.
fn time_of(query: &Query, name: &'static str) -> Result<Option<String>, Error> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    let time = Timestamp::parse(text).map(lowest_id);
    time.map(Some).ok_or_else(|| {
        let message = format!("`{name}` must be a date-time such as 2026-01-31T00:00:00Z.");
        Error::invalid(format!("query.{name}"), "date_time", message)
    })
}

/// `GET audit` (session): `operation`, `target` or `key_id`, `from`, `to`, `limit` (at most 200), `cursor`.
///
/// # Errors
/// 422 for another limit, cursor or time, and for two filters at once.
pub(crate) async fn audit_list(cx: &Context<'_>, query: &Query) -> Result<AuditPage, Error> {
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let (sql, filter) = filter_of(query)?;
    let from = time_of(query, "from")?.unwrap_or_default();
    let to = time_of(query, "to")?.unwrap_or_else(|| AFTER_ALL.to_owned());
    let cursor = query.get("cursor");
    let id = |text: &str| is_id(text).then(|| text.to_owned());
    let before = cursor.map(|cursor| decode_cursor(cursor, id)).transpose()?;
    let before = before.map_or(to.clone(), |before| before.min(to));
    let mut params: Vec<Value> = vec![
        cx.business_id().into(),
        from.into(),
        before.into(),
        (i64::from(limit) + 1).into(),
    ];
    params.extend(filter.map(Value::from));
    let rows = cx.db.rows(sql.bind(params)).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let page = rows.iter().take(limit).map(AuditEntry::of_row);
    let entries: Vec<_> = page.collect::<Result<_, _>>()?;
    let has_more = rows.len() > limit;
    let last = entries.last().filter(|_| has_more);
    Ok(AuditPage {
        next_cursor: last.map(|last| encode_cursor(&last.id)),
        has_more,
        entries,
    })
}
