//! The jobs of a connection in the hands of people: read, edited, done again, given up.

mod shapes;

pub use shapes::{
    CrmAttempt, CrmJob, CrmJobDetail, CrmJobList, CrmJobPatch, JobsRetried, OneCrmJob, RetryRequest,
};

use crate::sql::{
    JOB_DISMISS, JOB_EDIT, JOB_GET, JOB_PAGE, JOB_PAGE_OF_STATE, JOB_RETRY, JOBS_RETRY,
    STREAM_HASTEN,
};
use common::context::Context;
use common::db::{Statement, Value};
use common::http::{Error, Kind, Query, decode_cursor, encode_cursor};
use common::ports::Queue;
use common::time::Timestamp;

/// Jobs on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 20;
/// Most jobs on a page.
const PAGE_MAX: u32 = 100;
/// How many jobs one transaction resets, and how many transactions a request makes.
const ROUND: (usize, usize) = (1000, 20);
/// Behind every id.
const LAST_ID: &str = "~";
/// The states that there are.
const STATES: [&str; 4] = ["waiting", "done", "skipped", "failed"];

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
    let jobs = rows.iter().take(limit).map(CrmJob::of_row);
    let jobs: Vec<_> = jobs.collect::<Result<_, _>>()?;
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
        job: CrmJobDetail::of_row(row)?,
    })
}

/// Changes the detail of a job that failed, or that waits and is not running.
///
/// # Errors
/// 404; 409 for one that is done or running.
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

/// Makes a job due now, whatever its status.
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
    let job = CrmJobDetail::of_row(row.ok_or_else(not_found)?)?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok(OneCrmJob { job })
}

/// The retry of an earlier request with the same `Idempotency-Key`, as it was answered; see
/// [`OneCrmJob::recall`].
///
/// # Errors
/// 404 for a job that was deleted since.
pub(crate) async fn retry_recalled(
    cx: &Context<'_>,
    connector: &str,
    id: &str,
    recall: &str,
) -> Result<OneCrmJob, Error> {
    let (tries, at) = recall.split_once(' ').unwrap_or_default();
    let [tries, at]: [i64; 2] = [tries, at].map(|number| number.parse().unwrap_or_default());
    let mut found = crm_job_get(cx, connector, id).await?;
    let CrmJobDetail { job, attempts, .. } = &mut found.job;
    "waiting".clone_into(&mut job.state);
    (job.tries, job.failures, job.error) = (tries, 0, None);
    job.updated_at = Timestamp::from_micros(at);
    attempts.retain(|attempt| attempt.number <= tries);
    Ok(found)
}

impl OneCrmJob {
    /// What makes the answer to a retry again: how often the job was tried by then, and when it was retried.
    pub(crate) fn recall(&self) -> String {
        let CrmJob {
            tries, updated_at, ..
        } = &self.job.job;
        format!("{tries} {}", updated_at.micros())
    }
}

/// Has all jobs done again that failed, or those that the request names.
///
/// # Errors
/// 503 when the database is away; jobs reset before that stay due.
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
    statements: Vec<Statement>,
    rule: &'static str,
    message: &'static str,
) -> Result<OneCrmJob, Error> {
    let results = cx.db.batch(statements).await?;
    let row = results.get(1).and_then(|rows| rows.first());
    let job = CrmJobDetail::of_row(row.ok_or_else(not_found)?)?;
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
