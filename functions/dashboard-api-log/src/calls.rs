//! Calls, one by one.

use crate::filter::{invalid, operation, time, word};
use crate::sql::{
    CALL_LAST, CALL_LOOKED_DOWN_TO, CALL_LOOKED_UP_TO, CALL_PAGE, CALL_PAGE_FILTERED, CALLS_AFTER,
};
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value, next_rows};
use common::http::ledger::ROUTES;
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::time::{SECOND, Timestamp};
use serde::Serialize;

const PAGE_MAX: u32 = 200;
const PAGE_DEFAULT: u32 = 50;
/// Most calls that one request looks through for those that it filters: some 20 ms of the database.
const MAX_LOOKED: i64 = 10_000;
/// How much later than it came a call is looked for: mostly it is written seconds later, but what an isolate had when the
/// one that was to write it was cut off waits for its next call.
const WRITTEN_LATER: i64 = 3600 * SECOND;
/// Behind every place in the log: the largest number that JavaScript tells from its neighbours, of which microseconds
/// since 1970 come near in 2255.
const END: i64 = (1 << 53) - 1;

/// A call.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiCall {
    /// When it came.
    pub at: Timestamp,
    /// The key, or the key that opened the session; null for a member.
    pub key_id: Option<String>,
    /// The key's name now.
    pub key_name: Option<String>,
    /// The member whose session called; null for a key.
    pub member_id: Option<String>,
    /// The member's name; null for one who was removed.
    pub member_name: Option<String>,
    /// The function that answered; null for an operation that there is no more.
    pub function: Option<&'static str>,
    /// What was called: the `operationId` in this API's description.
    pub operation: String,
    /// The method.
    pub method: Option<&'static str>,
    /// The path in this API's description; the ids within it are not kept.
    pub path: Option<&'static str>,
    /// The status of the answer.
    pub status: i64,
    /// Milliseconds until the answer.
    pub ms: i64,
    /// The `x-request-id` of the answer.
    pub request_id: String,
    /// The code of the error, where it was one.
    pub error: Option<String>,
}

/// A page of calls, newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiCallPage {
    /// The calls; with filters possibly none, although more follow.
    pub calls: Vec<ApiCall>,
    /// Whether more may follow: older ones, or with `after` newer ones.
    pub has_more: bool,
    /// The `cursor` for the next page of older calls.
    pub next_cursor: Option<String>,
    /// The `after` that asks for what is written from now on.
    pub tail: String,
}

impl ApiCall {
    /// Reads a row of [`CALL_PAGE`], with its place.
    fn of_row(row: &Row) -> Result<(i64, Self), Error> {
        let mut columns = Columns::of(row);
        let n = columns.integer("n")?;
        let at = columns.time("at")?;
        let key_id = columns.text_or_null("key_id")?;
        let key_name = columns.text_or_null("key_name")?;
        let member_id = columns.text_or_null("member_id")?;
        let member_name = columns.text_or_null("member_name")?;
        let operation = columns.text("operation")?;
        let route = ROUTES.iter().find(|route| route.operation == operation);
        let call = Self {
            at,
            key_id,
            key_name,
            member_id,
            member_name,
            function: route.map(|route| route.function),
            method: route.map(|route| route.method.as_str()),
            path: route.map(|route| route.path),
            operation,
            status: columns.integer("status")?,
            ms: columns.integer("ms")?,
            request_id: columns.text("request_id")?,
            error: columns.text_or_null("error")?,
        };
        Ok((n, call))
    }
}

/// Where a page begins.
#[derive(Debug)]
enum Place {
    /// Before this place, newest first.
    Before(i64),
    /// Behind this one, oldest first.
    After(i64),
}

/// What `GET api-log` asks for.
#[derive(Debug)]
pub(crate) struct CallQuery {
    limit: u32,
    place: Place,
    key_id: Option<String>,
    member_id: Option<String>,
    operation: Option<String>,
    status: Option<(i64, i64)>,
    error: Option<String>,
    request_id: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl CallQuery {
    /// Reads it.
    ///
    /// # Errors
    /// 422 for another form of a parameter, an unknown operation, and `after` beside `cursor`.
    pub(crate) fn read(query: &Query) -> Result<Self, Error> {
        let place = |text: &str| text.parse().ok().filter(|n| (0..END).contains(n));
        let place = match (query.get("cursor"), query.get("after")) {
            (None, None) => Place::Before(END),
            (Some(cursor), None) => Place::Before(decode_cursor(cursor, place)?),
            (None, Some(after)) => {
                let place = decode_cursor(after, place);
                let place = place.map_err(|_| {
                    let message = "`after` must be a `tail` of an earlier answer.";
                    invalid("after", "tail", message.to_owned())
                })?;
                Place::After(place)
            }
            (Some(_), Some(_)) => {
                let message = "Send `cursor` for older calls or `after` for newer ones.";
                return Err(invalid("after", "without_cursor", message.to_owned()));
            }
        };
        Ok(Self {
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            place,
            key_id: word(query, "key_id")?,
            member_id: word(query, "member_id")?,
            operation: operation(query)?,
            status: query.get("status").map(statuses).transpose()?,
            error: word(query, "error")?,
            request_id: word(query, "request_id")?,
            since: time(query, "since")?,
            until: time(query, "until")?,
        })
    }

    fn is_filtered(&self) -> bool {
        let texts = [
            &self.key_id,
            &self.member_id,
            &self.operation,
            &self.error,
            &self.request_id,
        ];
        texts.into_iter().any(Option::is_some)
            || self.status.is_some()
            || self.since.is_some()
            || self.until.is_some()
    }

    /// The places between which it looks: a call is written no earlier than it came.
    fn bounds(&self) -> (i64, i64) {
        let since = self.since.map_or(0, micros);
        let until = self
            .until
            .map_or(END, |until| micros(until.plus(WRITTEN_LATER)));
        match self.place {
            Place::Before(before) => (before.min(until), since),
            Place::After(after) => (until, since.max(after + 1)),
        }
    }

    fn filters(&self) -> Vec<Value> {
        let text = |text: &Option<String>| Value::from(text.as_deref());
        let micros = |time: Option<Timestamp>| Value::from(time.map(micros));
        vec![
            text(&self.key_id),
            text(&self.member_id),
            text(&self.operation),
            self.status.map(|(from, _)| from).into(),
            self.status.map(|(_, to)| to).into(),
            text(&self.error),
            text(&self.request_id),
            micros(self.since),
            micros(self.until),
        ]
    }
}

/// A time as a place in the log: one that lies before or behind all of them is not worth a number of its own.
fn micros(time: Timestamp) -> i64 {
    time.micros().clamp(0, END)
}

/// A status, or a class of them.
fn statuses(text: &str) -> Result<(i64, i64), Error> {
    let class = |text: &str| {
        let class: i64 = text.strip_suffix("xx")?.parse().ok()?;
        (2..=5)
            .contains(&class)
            .then_some((class * 100, class * 100 + 99))
    };
    let exact = |text: &str| {
        let status: i64 = text.parse().ok()?;
        (100..=599).contains(&status).then_some((status, status))
    };
    class(text).or_else(|| exact(text)).ok_or_else(|| {
        let message = "`status` must be 2xx, 3xx, 4xx, 5xx, or a status such as 404.";
        invalid("status", "status", message.to_owned())
    })
}

/// `GET api-log`: a page of calls.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn call_list(cx: &Context<'_>, query: &CallQuery) -> Result<ApiCallPage, Error> {
    let limit = usize::try_from(query.limit).unwrap_or_default();
    let one_more = i64::from(query.limit) + 1;
    let last = CALL_LAST.bind(vec![cx.business_id().into()]);
    let mut statements = vec![last];
    statements.extend(page(cx, query, one_more));
    let mut results = cx.db.batch(statements).await?.into_iter();
    let end = place_of(&next_rows(&mut results)?)?;
    let rows = next_rows(&mut results)?;
    let looked_to = match results.next() {
        Some(rows) => place_of(&rows)?,
        None => None,
    };
    let mut calls = rows
        .iter()
        .take(limit)
        .map(ApiCall::of_row)
        .collect::<Result<Vec<_>, _>>()?;
    // Where the page is full, the rest begins behind it; else behind what was looked through.
    let is_full = rows.len() > limit;
    let rest = match is_full {
        true => calls.last().map(|(n, _)| *n),
        false => looked_to,
    };
    let (tail, next) = match query.place {
        Place::Before(_) => (end.unwrap_or_default(), rest),
        Place::After(after) => {
            calls.reverse();
            (
                rest.unwrap_or_else(|| end.unwrap_or_default().max(after)),
                None,
            )
        }
    };
    Ok(ApiCallPage {
        calls: calls.into_iter().map(|(_, call)| call).collect(),
        has_more: rest.is_some(),
        next_cursor: next.map(|n| encode_cursor(&n.to_string())),
        tail: encode_cursor(&tail.to_string()),
    })
}

/// What reads the page, and how far was looked for it.
fn page(cx: &Context<'_>, query: &CallQuery, limit: i64) -> Vec<Statement> {
    let (before, from) = query.bounds();
    let within = |count: i64| -> Vec<Value> {
        vec![
            cx.business_id().into(),
            before.into(),
            from.into(),
            count.into(),
        ]
    };
    let (page, looked) = match query.place {
        Place::Before(_) if !query.is_filtered() => return vec![CALL_PAGE.bind(within(limit))],
        Place::Before(_) => (&CALL_PAGE_FILTERED, &CALL_LOOKED_DOWN_TO),
        Place::After(_) => (&CALLS_AFTER, &CALL_LOOKED_UP_TO),
    };
    let mut params = within(MAX_LOOKED);
    params.extend(query.filters());
    params.push(limit.into());
    vec![page.bind(params), looked.bind(within(MAX_LOOKED))]
}

fn place_of(rows: &Rows) -> Result<Option<i64>, Error> {
    match rows.first() {
        Some(row) => Ok(Columns::of(row).integer_or_null("n")?),
        None => Ok(None),
    }
}
