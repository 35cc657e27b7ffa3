//! What people and keys changed.

use crate::sql::{AUDIT_BY_KEY, AUDIT_BY_MEMBER, AUDIT_BY_OPERATION, AUDIT_BY_TARGET, AUDIT_PAGE};
use common::context::Context;
use common::csv::Csv;
use common::db::{Columns, Row, Sql, Value};
use common::http::{Error, Query, Response, decode_cursor, encode_cursor, prefers};
use common::ids::{is_id, lowest_id};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;

const PAGE_MAX: u32 = 200;
const PAGE_DEFAULT: u32 = 50;
/// Most lines of a table.
const TABLE_MAX: u32 = 5000;
/// The header that has the cursor of the next table, as `next_cursor` of JSON.
const NEXT_CURSOR: &str = "x-next-cursor";
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
    /// The key, or the key that opened the session; `platform` for the operator's platform token, `support` for a session
    /// that the operator opened as support; empty for a member.
    pub key_id: String,
    /// The key's name now.
    pub key_name: Option<String>,
    /// The member whose session it was; null for a key.
    pub member_id: Option<String>,
    /// The member's name; null for one who was removed.
    pub member_name: Option<String>,
    /// The IP address that the request came from.
    pub address: Option<String>,
    /// The request, as the log names it.
    pub request_id: String,
    /// The code of the error with which the request ended although it had written something; null for one
    /// that succeeded.
    pub error: Option<String>,
    /// When it was.
    pub created_at: Timestamp,
    /// Why the operator did it; null for what the business did.
    pub reason: Option<String>,
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
            member_id: columns.text_or_null("member_id")?,
            member_name: columns.text_or_null("member_name")?,
            address: columns.text_or_null("address")?,
            request_id: columns.text("request_id")?,
            error: columns.text_or_null("error")?,
            created_at: columns.time("created_at")?,
            reason: columns.text_or_null("reason")?,
        })
    }
}

/// The filters: the one whose index finds the entries, and the operation where that is another.
fn filter_of(query: &Query) -> Result<(&'static Sql, Vec<Value>), Error> {
    let filters = [
        ("target", &AUDIT_BY_TARGET),
        ("key_id", &AUDIT_BY_KEY),
        ("member_id", &AUDIT_BY_MEMBER),
    ];
    let mut given = filters
        .into_iter()
        .filter_map(|(name, sql)| Some((name, sql, query.get(name)?)));
    let first = given.next();
    if let Some((name, ..)) = given.next() {
        let message = "Filter by one of `target`, `key_id` and `member_id`.";
        return Err(Error::invalid(
            format!("query.{name}"),
            "one_filter",
            message,
        ));
    }
    let operation = query.get("operation");
    Ok(match (first, operation) {
        (Some((_, sql, value)), _) => (sql, vec![value.into(), operation.into()]),
        (None, Some(operation)) => (&AUDIT_BY_OPERATION, vec![operation.into()]),
        (None, None) => (&AUDIT_PAGE, Vec::new()),
    })
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

/// Whether a table is asked for, by `format` or else by `accept`.
fn is_table(query: &Query, accept: Option<&str>) -> Result<bool, Error> {
    match query.get("format") {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        None => Ok(prefers(accept.unwrap_or_default(), "text/csv")),
        Some(_) => {
            let message = "`format` must be json or csv.";
            Err(Error::invalid("query.format", "known_format", message))
        }
    }
}

/// `GET audit` (session): `target`, `key_id` or `member_id`, `operation`, `from`, `to`, `limit`, `cursor`, `format`.
///
/// 1. Reads the format: 422 for one that there is not.
/// 2. Reads at most 200 entries, or 5000 for a table: 422 for another limit, cursor or time, and for two filters of
///    `target`, `key_id` and `member_id` at once.
/// 3. Answers 200 with a page, or with CSV, whose next table's cursor is in a header.
pub(crate) async fn audit_list(cx: &Context<'_>, query: &Query) -> Result<Response, Error> {
    // 1.
    let accept = (cx.header)("accept");
    let is_table = is_table(query, accept.as_deref())?;

    // 2.
    let (default, max) = match is_table {
        true => (TABLE_MAX, TABLE_MAX),
        false => (PAGE_DEFAULT, PAGE_MAX),
    };
    let page = audit_page(cx, query, query.number("limit", 1, max, default)?).await?;

    // 3.
    if !is_table {
        return Ok(Response::json(200, &page));
    }
    let csv = Response::content(200, "text/csv; charset=utf-8", table_of(&page.entries));
    let csv = csv.with_header("content-disposition", "attachment; filename=\"audit.csv\"");
    Ok(match page.next_cursor {
        Some(next) => csv.with_header(NEXT_CURSOR, next),
        None => csv,
    })
}

async fn audit_page(cx: &Context<'_>, query: &Query, limit: u32) -> Result<AuditPage, Error> {
    let (sql, filters) = filter_of(query)?;
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
    params.extend(filters);
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

/// A line for each entry, with the fields of the JSON; names of fields are divided by spaces.
fn table_of(entries: &[AuditEntry]) -> String {
    let mut csv = Csv::default();
    csv.line([
        "created_at",
        "operation",
        "target",
        "fields",
        "key_id",
        "key_name",
        "member_id",
        "member_name",
        "address",
        "request_id",
        "error",
        "id",
    ]);
    for entry in entries {
        let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
        let cells = [
            entry.created_at.to_string(),
            entry.operation.clone(),
            text(&entry.target),
            entry.fields.join(" "),
            entry.key_id.clone(),
            text(&entry.key_name),
            text(&entry.member_id),
            text(&entry.member_name),
            text(&entry.address),
            entry.request_id.clone(),
            text(&entry.error),
            entry.id.clone(),
        ];
        csv.line(cells.iter().map(String::as_str));
    }
    csv.finish()
}
