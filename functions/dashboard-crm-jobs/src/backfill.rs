//! Backfill: sends the messages from before the connection was enabled, oldest first, at the lowest
//! priority; of a source of conversations, has them read.

use crate::sql::{BACKFILL_JOBS, BACKFILL_PAGE, BACKFILL_TOTAL};
use common::context::Context;
use common::db::Columns;
use common::http::input::{Expected, Input, boolean};
use common::http::{Error, Kind};
use common::json::raw::text;
use common::ports::Queue;
use common::time::Timestamp;
use crm::backfill::{Backfill, BackfillCursor, BackfillLeft, backfill_put};
use crm::{Connector, Integration, NewJob, integration_get, jobs_again};
use serde::Serialize;

/// Messages that one call makes jobs of.
const PAGE: i64 = 500;
/// No more jobs are created while this many wait.
const MAX_WAITING: i64 = 2000;
/// How often a page is tried that others come before.
const TRIES: u32 = 4;

/// What `POST …/backfill` takes.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct BackfillRequest {
    /// The start, by default the first message. Only for a new backfill.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub since: Option<Timestamp>,
    /// Whether to start again.
    pub restart: Option<bool>,
}

/// The progress; null if none was started.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillAnswer {
    /// How far.
    pub backfill: Option<Backfill>,
}

impl BackfillRequest {
    /// Reads a request's body; none goes on.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["since", "restart"])?;
        Ok(Self {
            since: input
                .optional("since", Expected::DATE_TIME, |json| match json {
                    "null" => Some(None),
                    json => Timestamp::parse(&text(json)?).map(Some),
                })?
                .flatten(),
            restart: input.optional("restart", Expected::BOOLEAN, boolean)?,
        })
    }
}

/// How far it has come.
///
/// # Errors
/// 503 when the database is away.
pub async fn backfill_get(cx: &Context<'_>, connector: &str) -> Result<BackfillAnswer, Error> {
    let integration = integration_get(cx, connector).await?.unwrap_or_default();
    let backfill = Backfill::of(cx, &integration).await?;
    Ok(BackfillAnswer { backfill })
}

/// Makes the jobs of the next messages, and says how far it has come.
///
/// 1. Finds the connection: 409 where it is not enabled, or its connector has no backfill.
/// 2. Goes on with the backfill that stands: 409 for another `since`. Else, or with `restart`, begins
///    one with all messages that are there now.
/// 3. Makes jobs of the next page, unless many wait already; of a source, the job that reads page after page
///    there. Where another request changed the backfill meanwhile, goes back to 1.
/// 4. Counts what waits and what failed.
pub async fn backfill_run(
    cx: &Context<'_>,
    connector: &dyn Connector,
    request: &BackfillRequest,
) -> Result<BackfillAnswer, Error> {
    let mut wants_anew = request.restart == Some(true);
    for _ in 0..TRIES {
        // 1.
        let reads = connector.backfill_reads();
        let kind = connector.backfill().or(reads).ok_or_else(no_backfill)?;
        let integration = integration_get(cx, connector.name()).await?;
        let integration = integration.filter(|integration| integration.is_active);
        let integration = integration.ok_or_else(not_enabled)?;

        // 2.
        let stands = BackfillCursor::of(&integration).filter(|_| !wants_anew);
        let mut cursor = match stands {
            Some(stands) => same_since(stands, request)?,
            None if reads.is_some() => begins(cx, request),
            None => begun(cx, request).await?,
        };

        // 3.
        let mut left = BackfillLeft::of(cx, connector.name()).await?;
        if left.waiting < MAX_WAITING {
            let is_written = match reads {
                Some(_) => read_on(cx, kind, &integration, &cursor, &left).await?,
                None => page(cx, kind, &integration, &mut cursor).await?,
            };
            if !is_written {
                // The concurrent request has restarted or continued it: either way there is one now.
                wants_anew = false;
                continue;
            }
            left = BackfillLeft::of(cx, connector.name()).await?;
        }

        // 4.
        let backfill = Some(cursor.progress(&left));
        return Ok(BackfillAnswer { backfill });
    }
    Err(Error::unavailable("a backfill changes all the time"))
}

/// 409 for what only an active connection can do.
fn not_enabled() -> Error {
    Error::new(Kind::Conflict, "This integration is not enabled.").with_detail("status", "active")
}

fn no_backfill() -> Error {
    Error::new(Kind::Conflict, "This integration has no backfill.")
        .with_detail("backfill", "has_one")
}

fn same_since(stands: BackfillCursor, request: &BackfillRequest) -> Result<BackfillCursor, Error> {
    let asked = request.since.map(Timestamp::micros);
    if asked.is_none() || asked == stands.since {
        return Ok(stands);
    }
    let message = "There is a backfill from another time on. Say `restart: true` to begin anew.";
    Err(Error::new(Kind::Conflict, message).with_detail("since", "same_or_restart"))
}

/// A new backfill of all messages up to now.
async fn begun(cx: &Context<'_>, request: &BackfillRequest) -> Result<BackfillCursor, Error> {
    let new = begins(cx, request);
    let range = vec![cx.business_id().into(), new.cursor.into(), new.until.into()];
    let rows = cx.db.rows(BACKFILL_TOTAL.bind(range)).await?;
    let row = rows.first().ok_or_else(|| Error::internal("no total"))?;
    let total = Columns::of(row).integer("total")?;
    Ok(BackfillCursor { total, ..new })
}

/// One that has made nothing yet.
fn begins(cx: &Context<'_>, request: &BackfillRequest) -> BackfillCursor {
    let since = request.since.map(Timestamp::micros);
    let cursor = since.map_or(0, |since| since - 1);
    BackfillCursor {
        since,
        until: cx.now.micros().max(cursor),
        cursor,
        scheduled: 0,
        total: 0,
    }
}

/// Has the source read on, unless that is done, or goes on already. `false` if a concurrent request wrote first.
async fn read_on(
    cx: &Context<'_>,
    kind: &'static str,
    integration: &Integration,
    cursor: &BackfillCursor,
    left: &BackfillLeft,
) -> Result<bool, Error> {
    let (before, after) = (integration.backfill.as_deref(), cursor.written());
    let is_new = before != Some(after.as_str());
    if !is_new && (cursor.cursor >= cursor.until || left.waiting > 0) {
        return Ok(true);
    }
    let connector = integration.connector.as_str();
    let job = NewJob {
        kind,
        subject: connector.to_owned(),
        stream: kind.to_owned(),
        priority: 1,
        ordered_at: cx.now.micros(),
        ..NewJob::default()
    };
    let mut statements = vec![backfill_put(cx, connector, before, &after)];
    statements.extend(jobs_again(cx, connector, &[job])?);
    let results = cx.db.batch(statements).await?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok(results.first().is_some_and(|rows| !rows.is_empty()))
}

/// Creates a page of jobs. `false` if a concurrent request wrote first; then nothing was done.
async fn page(
    cx: &Context<'_>,
    kind: &'static str,
    integration: &Integration,
    cursor: &mut BackfillCursor,
) -> Result<bool, Error> {
    let page = vec![
        cx.business_id().into(),
        cursor.cursor.into(),
        cursor.until.into(),
        PAGE.into(),
    ];
    let connector = integration.connector.as_str();
    let rows = cx.db.rows(BACKFILL_PAGE.bind(page)).await?;
    let after = cursor.cursor;
    let row = rows.first().ok_or_else(|| Error::internal("no page"))?;
    let mut columns = Columns::of(row);
    let (last, count) = (columns.integer_or_null("last")?, columns.integer("count")?);
    cursor.scheduled += count;
    cursor.cursor = last.filter(|_| count == PAGE).unwrap_or(cursor.until);
    let written = cursor.written();
    let before = integration.backfill.as_deref();
    let mut statements = vec![backfill_put(cx, connector, before, &written)];
    if count > 0 {
        statements.push(BACKFILL_JOBS.bind(vec![
            cx.business_id().into(),
            connector.into(),
            after.into(),
            cursor.cursor.into(),
            cx.ids.shared_prefix().into(),
            cx.now.micros().into(),
            written.into(),
            kind.into(),
        ]));
        cx.wake(Queue::Crm, cx.business_id());
    }
    let results = cx.db.batch(statements).await?;
    Ok(results.first().is_some_and(|rows| !rows.is_empty()))
}
