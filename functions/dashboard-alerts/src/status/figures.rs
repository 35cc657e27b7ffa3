//! Figures of a span, held against their targets.

use access::usage::MS_BOUNDS as API_BOUNDS;
use common::db::Columns;
use common::http::Result;
use crm::figures::MS_BOUNDS as CRM_BOUNDS;
use serde::Serialize;

/// Fewer requests or jobs than these are no rate.
const MIN_COUNT: i64 = 20;

/// What is aimed at.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Targets {
    /// More of the minutes than this, in per cent.
    pub uptime_percent: f64,
    /// 95 % of the requests take no longer than this, in milliseconds.
    pub response_ms: i64,
    /// Fewer of the requests than this, in per cent.
    pub error_percent: f64,
    /// More of the jobs than this, in per cent.
    pub sync_success_percent: f64,
    /// Nothing waits for longer than this, in seconds.
    pub queue_seconds: i64,
}

/// The targets of every integration.
pub(crate) const TARGETS: Targets = Targets {
    uptime_percent: 99.5,
    response_ms: 2_000,
    error_percent: 1.0,
    sync_success_percent: 99.0,
    queue_seconds: 300,
};

/// Which target a figure misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Missed {
    /// It could not be reached for too long.
    Uptime,
    /// It answers slowly.
    Response,
    /// Too many requests failed.
    Errors,
    /// Too many jobs failed for good.
    SyncSuccess,
    /// Jobs waited for too long.
    Queue,
}

/// The figures of a span. What there were none of is null.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// `1h`, `24h` or `30d`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["1h", "24h", "30d"])))]
    pub span: &'static str,
    /// The minutes in which it could be reached, in per cent, rounded down.
    pub uptime_percent: Option<f64>,
    /// Requests that were made.
    pub requests: i64,
    /// How long they took in the mean, in milliseconds.
    pub mean_ms: Option<i64>,
    /// 95 % took no longer than this, in milliseconds: one of a few bounds. Null as well where more than 5 % took longer
    /// than the last bound, which is 10 seconds, and 5 of the API's own.
    pub p95_ms: Option<i64>,
    /// The requests that failed, in per cent, rounded up.
    pub error_percent: Option<f64>,
    /// Jobs that were done.
    pub jobs_done: i64,
    /// Jobs that failed for good.
    pub jobs_failed: i64,
    /// The jobs that were done of those that ended, in per cent, rounded down.
    pub sync_success_percent: Option<f64>,
    /// The longest that a job waited, in seconds; those of a backfill may wait.
    pub queue_seconds: Option<i64>,
    /// The targets that are missed. Of fewer than 20 requests or jobs no rate is.
    pub missed: Vec<Missed>,
}

/// Counts of a span.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// Minutes, and those of them in which it was down.
    pub(crate) minutes: i64,
    pub(crate) down: i64,
    requests: i64,
    errors: i64,
    ms: i64,
    done: i64,
    failed: i64,
    waited_ms: i64,
    up_to: [i64; CRM_BOUNDS.len()],
    bounds: &'static [i64],
}

impl Counts {
    /// Reads what stands in a row of a CRM's figures.
    pub(crate) fn of_crm(columns: &mut Columns<'_>) -> Result<Self> {
        let minutes = columns.integer("minutes")?.max(1);
        let mut counts = Self {
            minutes,
            down: columns.integer("down")?.clamp(0, minutes),
            requests: columns.integer("requests")?,
            errors: columns.integer("errors")?,
            ms: columns.integer("ms")?,
            done: columns.integer("done")?,
            failed: columns.integer("failed")?,
            waited_ms: columns.integer("waited_ms")?,
            bounds: &CRM_BOUNDS,
            ..Self::default()
        };
        for count in &mut counts.up_to {
            *count = columns.integer("up_to")?;
        }
        Ok(counts)
    }

    /// Reads what stands in a row of the API's own calls.
    pub(crate) fn of_api(columns: &mut Columns<'_>) -> Result<Self> {
        let mut counts = Self {
            requests: columns.integer("calls")?,
            errors: columns.integer("failed")?,
            ms: columns.integer("ms")?,
            bounds: &API_BOUNDS,
            ..Self::default()
        };
        for count in &mut counts.up_to {
            *count = columns.integer("up_to")?;
        }
        Ok(counts)
    }

    /// Adds those of another connection.
    pub(crate) fn add(&mut self, other: &Self) {
        self.minutes += other.minutes;
        self.down += other.down;
        self.requests += other.requests;
        self.errors += other.errors;
        self.ms += other.ms;
        self.done += other.done;
        self.failed += other.failed;
        self.waited_ms = self.waited_ms.max(other.waited_ms);
        self.bounds = other.bounds;
        for (sum, more) in self.up_to.iter_mut().zip(other.up_to) {
            *sum += more;
        }
    }

    fn p95(&self) -> Option<i64> {
        let mut seen = 0;
        let bounds = self.bounds.iter().zip(self.up_to);
        let mut kept = bounds.filter(|(_, count)| {
            seen += *count;
            seen * 100 >= self.requests * 95
        });
        kept.next()
            .filter(|_| self.requests > 0)
            .map(|(bound, _)| *bound)
    }

    /// Holds them against the targets.
    pub(crate) fn figures(&self, span: &'static str) -> Figures {
        let ended = self.done + self.failed;
        let mut missed = Vec::new();
        let mut misses = |target, is_missed: bool| missed.extend(is_missed.then_some(target));
        let up = self.minutes - self.down;
        misses(
            Missed::Uptime,
            self.minutes > 0 && up * 1_000 <= self.minutes * 995,
        );
        let is_slow = self.p95().is_none_or(|p95| p95 > TARGETS.response_ms);
        let is_rate = self.requests >= MIN_COUNT;
        misses(Missed::Response, is_rate && is_slow);
        misses(
            Missed::Errors,
            is_rate && self.errors * 100 >= self.requests,
        );
        misses(
            Missed::SyncSuccess,
            ended >= MIN_COUNT && self.done * 100 <= ended * 99,
        );
        let waited = self.waited_ms / 1_000;
        misses(Missed::Queue, waited > TARGETS.queue_seconds);
        let mean = (self.ms + self.requests / 2).checked_div(self.requests);
        Figures {
            span,
            uptime_percent: percent(up, self.minutes, 0),
            requests: self.requests,
            mean_ms: mean,
            p95_ms: self.p95(),
            error_percent: percent(self.errors, self.requests, 1),
            jobs_done: self.done,
            jobs_failed: self.failed,
            sync_success_percent: percent(self.done, ended, 0),
            queue_seconds: (ended > 0).then_some(waited),
            missed,
        }
    }
}

/// A share in per cent with two digits, rounded down, or up by `up` of 1.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share in hundredths of a per cent is at most 10,000"
)]
fn percent(part: i64, of: i64, up: i64) -> Option<f64> {
    let hundredths = (part * 10_000 + (of - 1).max(0) * up).checked_div(of)?;
    Some(hundredths as f64 / 100.0)
}
