//! What is done for a CRM as people see it: read, edited, sent again, given up.

use super::sql::{
    JOB_DISMISS, JOB_EDIT, JOB_GET, JOB_PAGE, JOB_PAGE_OF_STATE, JOB_RETRY, JOBS_RETRY,
    STREAM_HASTEN,
};
use super::status::LastError;
use crate::context::Context;
use crate::db::{Row, Value};
use crate::http::input::{Input, text_or_null, texts};
use crate::http::{Error, Kind, Query, decode_cursor, encode_cursor};
use crate::json::raw::{integer, list, object, text};
use crate::outside::Queue;
use crate::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// Jobs on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 20;
/// Most jobs on a page.
const PAGE_MAX: u32 = 100;
/// Jobs that are wanted anew in one transaction, and how many of these a request makes.
const ROUND: (usize, usize) = (1000, 20);
/// Behind every id.
const LAST_ID: &str = "~";
/// The states that there are.
const STATES: [&str; 4] = ["waiting", "done", "skipped", "failed"];
/// Largest detail, in bytes.
const MAX_DETAIL_BYTES: usize = 256 * 1024;

/// One thing to be made the same on both sides.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmJob {
    /// Its id.
    pub id: String,
    /// What is done: `message`, `status`, `conversation`, `customer`, `escalation` (of ours), `remote`
    /// (what changed there), `reconcile`.
    pub kind: String,
    /// The id of the thing.
    pub subject: String,
    /// What it is in order with: our customer's id, or the CRM's.
    pub stream: String,
    /// `waiting`, `done`, `skipped` (there was nothing to do), `failed` (for good, until somebody
    /// retries it).
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["waiting", "done", "skipped", "failed"])))]
    pub state: String,
    /// `live`, or `backfill`, which lets the others pass.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["live", "backfill"])))]
    pub priority: &'static str,
    /// When what it is about happened.
    pub ordered_at: Timestamp,
    /// How often it was begun.
    pub tries: i64,
    /// How often it failed since it was last wanted.
    pub failures: i64,
    /// Why it failed, or was skipped.
    pub error: Option<LastError>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One try at a job.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmAttempt {
    /// Its number, from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// What came of it: `done`, `skipped`, `waits`, `failed`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["done", "skipped", "waits", "failed"])))]
    pub outcome: String,
    /// What was asked of the CRM, with the status of each answer.
    pub requests: Vec<String>,
    /// Why it did not succeed.
    pub error: Option<LastError>,
}

/// A job with all that is known of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmJobDetail {
    /// The job.
    #[serde(flatten)]
    pub job: CrmJob,
    /// What the thing's own row does not say: of `remote` the CRM's event. Null where it says all.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<std::collections::BTreeMap<String, Anything>>")
    )]
    pub detail: Option<Box<RawValue>>,
    /// The last ten tries, oldest first.
    pub attempts: Vec<CrmAttempt>,
}

/// Any JSON.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(transparent, inline)]
pub struct Anything(#[expect(dead_code, reason = "it is a schema alone")] serde_json::Value);

/// A job, alone.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneCrmJob {
    /// The job.
    pub job: CrmJobDetail,
}

/// A page of jobs, newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmJobList {
    /// The jobs.
    pub jobs: Vec<CrmJob>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// What to ask the next page with.
    pub next_cursor: Option<String>,
}

/// What `PATCH …/jobs/{id}` changes.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct CrmJobPatch {
    /// The detail, an object of at most 256 KiB, or null for none.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<std::collections::BTreeMap<String, Anything>>")
    )]
    pub detail: Option<String>,
}

/// Which failed jobs to want anew; all where it says nothing.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RetryRequest {
    /// Those that failed since then.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub since: Option<Timestamp>,
    /// Those that failed with this code.
    pub code: Option<String>,
}

/// How many jobs are wanted anew.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobsRetried {
    /// How many.
    pub count: usize,
}

impl CrmJob {
    /// Reads `job_columns!`.
    fn of_row(row: &Row) -> Option<Self> {
        let text = |n: usize| row.get(n)?.as_text().map(str::to_owned);
        let whole = |n: usize| row.get(n)?.as_integer();
        let time = |n: usize| whole(n).map(Timestamp::from_micros);
        Some(Self {
            id: text(0)?,
            kind: text(1)?,
            subject: text(2)?,
            stream: text(3)?,
            state: text(4)?,
            priority: if whole(5)? == 0 { "live" } else { "backfill" },
            ordered_at: time(6)?,
            tries: whole(7)?,
            failures: whole(8)?,
            error: text(9).and_then(|error| LastError::read(&error, None)),
            created_at: time(10)?,
            updated_at: time(11)?,
        })
    }
}

impl CrmAttempt {
    /// Reads [number, at, milliseconds, outcome, requests, error].
    fn read(json: &str) -> Option<Self> {
        let whole = |json| integer(json)?.parse().ok();
        let [number, at, duration_ms, outcome, requests, error] = list(json)?.try_into().ok()?;
        Some(Self {
            number: whole(number)?,
            at: Timestamp::from_micros(whole(at)?),
            duration_ms: whole(duration_ms)?,
            outcome: text(outcome)?,
            requests: texts(requests)?,
            error: LastError::read(error, None),
        })
    }
}

impl CrmJobPatch {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for what is no JSON, 422 for another shape and for a detail that is too large.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["detail"])?;
        let detail = input.required("detail", "an object or null", |json| match json {
            "null" => Some(None),
            json => object(json).map(|_| Some(json.to_owned())),
        })?;
        if detail
            .as_ref()
            .is_some_and(|json| json.len() > MAX_DETAIL_BYTES)
        {
            let message = "`detail` must have at most 256 KiB.";
            return Err(Error::invalid("detail", "at_most_256_kib", message));
        }
        Ok(Self { detail })
    }
}

impl RetryRequest {
    /// Reads a request's body; none asks for all.
    ///
    /// # Errors
    /// 400 for what is no JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["since", "code"])?;
        let since =
            input.optional(
                "since",
                "a date-time with an offset, or null",
                |json| match json {
                    "null" => Some(None),
                    json => Timestamp::parse(&text(json)?).map(Some),
                },
            )?;
        Ok(Self {
            since: since.flatten(),
            code: input
                .optional("code", "a text, or null", text_or_null)?
                .flatten(),
        })
    }
}

/// The jobs of a connection: `state`, `limit` (at most 100), `cursor`.
///
/// # Errors
/// 422 for another state, limit or cursor.
pub async fn crm_job_list(
    cx: &Context<'_>,
    connector: &str,
    query: &Query,
) -> Result<CrmJobList, Error> {
    let state = query.get("state");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        let message = "`state` must be waiting, done, skipped or failed.";
        return Err(Error::invalid(
            "query.state",
            "waiting_done_skipped_failed",
            message,
        ));
    }
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let before = query
        .get("cursor")
        .map(|cursor| decode_cursor(cursor, |text| Some(text.to_owned())))
        .transpose()?;
    let mut params: Vec<Value> = vec![
        cx.business_id().into(),
        connector.into(),
        before.as_deref().unwrap_or(LAST_ID).into(),
        (i64::from(limit) + 1).into(),
    ];
    let page = match state {
        None => JOB_PAGE.bind(params),
        Some(state) => {
            params.push(state.into());
            JOB_PAGE_OF_STATE.bind(params)
        }
    };
    let rows = cx.db.rows(page).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let jobs: Option<Vec<_>> = rows.iter().take(limit).map(CrmJob::of_row).collect();
    let jobs = jobs.ok_or_else(unreadable)?;
    let has_more = rows.len() > limit;
    let last = jobs.last().filter(|_| has_more);
    Ok(CrmJobList {
        next_cursor: last.map(|last| encode_cursor(&last.id)),
        has_more,
        jobs,
    })
}

/// A job with its detail and its tries.
///
/// # Errors
/// 404.
pub async fn crm_job_get(cx: &Context<'_>, connector: &str, id: &str) -> Result<OneCrmJob, Error> {
    let rows = cx.db.rows(JOB_GET.bind(named(cx, connector, id))).await?;
    let row = rows.first().ok_or_else(not_found)?;
    Ok(OneCrmJob {
        job: detail_of(row).ok_or_else(unreadable)?,
    })
}

fn detail_of(row: &Row) -> Option<CrmJobDetail> {
    let detail = row.get(12)?.as_text().map(str::to_owned);
    let attempts = list(row.get(13)?.as_text()?)?;
    Some(CrmJobDetail {
        job: CrmJob::of_row(row)?,
        detail: detail.and_then(|detail| RawValue::from_string(detail).ok()),
        attempts: attempts.into_iter().filter_map(CrmAttempt::read).collect(),
    })
}

/// Changes a job's detail: of one that failed, or of one that waits while nobody is at it.
///
/// # Errors
/// 404; 409 for one that is done, or that somebody is at.
pub async fn crm_job_edit(
    cx: &Context<'_>,
    connector: &str,
    id: &str,
    patch: CrmJobPatch,
) -> Result<OneCrmJob, Error> {
    let mut params = named(cx, connector, id);
    params.extend([cx.now.micros().into(), patch.detail.into()]);
    let statements = vec![
        JOB_EDIT.bind(params),
        JOB_GET.bind(named(cx, connector, id)),
    ];
    let message = "Only a job that failed, or that waits and is not at work, can be edited.";
    changed(cx, statements, "failed_or_waiting", message).await
}

/// Has a job done again, whatever became of it, and at once.
///
/// # Errors
/// 404.
pub async fn crm_job_retry(
    cx: &Context<'_>,
    connector: &str,
    id: &str,
) -> Result<OneCrmJob, Error> {
    let mut params = named(cx, connector, id);
    params.push(cx.now.micros().into());
    let results = cx
        .db
        .batch(vec![
            JOB_RETRY.bind(params.clone()),
            STREAM_HASTEN.bind(params),
            JOB_GET.bind(named(cx, connector, id)),
        ])
        .await?;
    let row = results.get(2).and_then(|rows| rows.first());
    let job = detail_of(row.ok_or_else(not_found)?).ok_or_else(unreadable)?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok(OneCrmJob { job })
}

/// Has all jobs done again that failed, or those that the request names.
///
/// # Errors
/// 503 when the database is away; what was wanted anew by then stays so.
pub async fn crm_jobs_retry_failed(
    cx: &Context<'_>,
    connector: &str,
    request: &RetryRequest,
) -> Result<JobsRetried, Error> {
    let (round, rounds) = ROUND;
    let mut count = 0;
    for _ in 0..rounds {
        let params = vec![
            cx.business_id().into(),
            connector.into(),
            request.since.map_or(0, Timestamp::micros).into(),
            cx.now.micros().into(),
            request.code.as_deref().into(),
            Value::from(i64::try_from(round).unwrap_or_default()),
        ];
        let retried = cx.db.rows(JOBS_RETRY.bind(params)).await?.len();
        count += retried;
        if retried < round {
            break;
        }
    }
    if count > 0 {
        cx.wake(Queue::Crm, cx.business_id());
    }
    Ok(JobsRetried { count })
}

/// Gives up a job that failed.
///
/// # Errors
/// 404; 409 for one that did not fail.
pub async fn crm_job_dismiss(cx: &Context<'_>, connector: &str, id: &str) -> Result<(), Error> {
    let statements = vec![
        JOB_GET.bind(named(cx, connector, id)),
        JOB_DISMISS.bind(named(cx, connector, id)),
    ];
    let results = cx.db.batch(statements).await?;
    let is_empty = |n: usize| results.get(n).is_none_or(Vec::is_empty);
    match (is_empty(0), is_empty(1)) {
        (_, false) => Ok(()),
        (true, _) => Err(not_found()),
        (false, _) => Err(conflict(
            "failed",
            "Only a job that failed can be dismissed.",
        )),
    }
}

/// Of two statements the first changes a job and the second reads it.
async fn changed(
    cx: &Context<'_>,
    statements: Vec<crate::db::Statement>,
    rule: &'static str,
    message: &'static str,
) -> Result<OneCrmJob, Error> {
    let results = cx.db.batch(statements).await?;
    let row = results.get(1).and_then(|rows| rows.first());
    let job = detail_of(row.ok_or_else(not_found)?).ok_or_else(unreadable)?;
    if results.first().is_none_or(Vec::is_empty) {
        return Err(conflict(rule, message));
    }
    Ok(OneCrmJob { job })
}

fn named(cx: &Context<'_>, connector: &str, id: &str) -> Vec<Value> {
    vec![cx.business_id().into(), connector.into(), id.into()]
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such job.")
}

fn conflict(rule: &'static str, message: &'static str) -> Error {
    Error::new(Kind::Conflict, message).with_detail("state", rule)
}

fn unreadable() -> Error {
    Error::internal("a job's row is unreadable")
}
