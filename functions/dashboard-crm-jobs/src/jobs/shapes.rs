//! What is done for a CRM as people see it.

use common::db::{Columns, Row};
use common::http::Error;
use common::http::input::{Expected, Input, text_or_null, texts};
use common::json::raw::{integer, list, object, text};
use common::time::Timestamp;
use crm::health::LastError;
use serde::Serialize;
use serde_json::value::RawValue;

/// Largest detail, in bytes.
const MAX_DETAIL_BYTES: usize = 256 * 1024;

/// A job that brings one record in sync.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmJob {
    /// Its id.
    pub id: String,
    /// The kind: `message`, `status`, `conversation`, `customer`, `escalation` (ours), `remote` (a
    /// change in the CRM), `reconcile`.
    pub kind: String,
    /// The id of the record.
    pub subject: String,
    /// The stream in which jobs run in order: our customer's id, or the CRM's.
    pub stream: String,
    /// `waiting`, `done`, `skipped` (nothing to do), `failed` (for good, until it is retried).
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["waiting", "done", "skipped", "failed"])))]
    pub state: String,
    /// `live`, or `backfill`, which yields to live jobs.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["live", "backfill"])))]
    pub priority: &'static str,
    /// When the change happened.
    pub ordered_at: Timestamp,
    /// The number of attempts.
    pub tries: i64,
    /// The number of failures since it was last queued.
    pub failures: i64,
    /// Why it failed, or was skipped.
    pub error: Option<LastError>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An attempt at a job.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmAttempt {
    /// Its number, from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// The duration.
    pub duration_ms: i64,
    /// The outcome: `done`, `skipped`, `waits`, `failed`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["done", "skipped", "waits", "failed"])))]
    pub outcome: String,
    /// The requests to the CRM, with the status of each response.
    pub requests: Vec<String>,
    /// Why it did not succeed.
    pub error: Option<LastError>,
}

/// A job with its detail and attempts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmJobDetail {
    /// The job.
    #[serde(flatten)]
    pub job: CrmJob,
    /// Input beside the record, such as the CRM's event of a `remote` job. Null if there is none.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<std::collections::BTreeMap<String, Anything>>")
    )]
    pub detail: Option<Box<RawValue>>,
    /// The last ten attempts, oldest first.
    pub attempts: Vec<CrmAttempt>,
}

/// Any JSON.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(transparent, inline)]
pub struct Anything(#[expect(dead_code, reason = "it is a schema alone")] serde_json::Value);

/// A job.
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
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
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

/// The failed jobs to retry; by default all.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RetryRequest {
    /// Only jobs that failed since then.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub since: Option<Timestamp>,
    /// Only jobs that failed with this code.
    pub code: Option<String>,
}

/// The jobs that were queued again.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobsRetried {
    /// How many.
    pub count: usize,
}

impl CrmJob {
    /// Reads `job_columns!`.
    pub(super) fn of_row(row: &Row) -> Result<Self, Error> {
        Self::of_columns(&mut Columns::of(row))
    }

    fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: columns.text("key")?,
            kind: columns.text("kind")?,
            subject: columns.text("subject")?,
            stream: columns.text("stream")?,
            state: columns.text("state")?,
            priority: match columns.integer("priority")? {
                0 => "live",
                _ => "backfill",
            },
            ordered_at: columns.time("ordered_at")?,
            tries: columns.integer("tries")?,
            failures: columns.integer("failures")?,
            error: columns
                .str_or_null("error")?
                .and_then(|error| LastError::read(error, None)),
            created_at: columns.time("created_at")?,
            updated_at: columns.time("updated_at")?,
        })
    }
}

impl CrmJobDetail {
    /// Reads `JOB_GET`.
    pub(super) fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        let job = CrmJob::of_columns(&mut columns)?;
        let detail = columns.text_or_null("detail")?;
        let detail = detail.map(RawValue::from_string).transpose();
        Ok(Self {
            job,
            detail: detail.map_err(Error::internal)?,
            attempts: columns.parsed("attempts", |attempts| {
                list(attempts)?.into_iter().map(CrmAttempt::read).collect()
            })?,
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

const OBJECT_OR_NULL: Expected = Expected::new("object_or_null", "an object or null");

impl CrmJobPatch {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape and for a detail that is too large.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["detail"])?;
        let detail = input.required("detail", OBJECT_OR_NULL, |json| match json {
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
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["since", "code"])?;
        let since = input.optional("since", Expected::DATE_TIME, |json| match json {
            "null" => Some(None),
            json => Timestamp::parse(&text(json)?).map(Some),
        })?;
        Ok(Self {
            since: since.flatten(),
            code: input
                .optional("code", Expected::TEXT_OR_NULL, text_or_null)?
                .flatten(),
        })
    }
}
