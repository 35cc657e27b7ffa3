//! What came of a job, written down.

use super::sql::{ATTEMPT_INSERT, ATTEMPT_PRUNE, JOB_SETTLE, JOBS_RECALL};
use crate::figures::hour_count;
use crate::health::{ACCOUNT_BREAK, Blame, day_count, error_json, health_note};
use crate::{ANONYMOUS, CrmClient, Done, Failure, Job, Limits, Scope};
use common::ids::Entropy;
use common::time::SECOND;

/// The kind of the job that asks a CRM what changed there.
pub(super) const RECONCILE: &str = "reconcile";
/// How long a job that failed waits at first, and at most.
const BACKOFF: (i64, i64) = (5 * SECOND, 600 * SECOND);
/// How often a job is tried that the CRM answers with what may pass.
const MAX_FAILURES: i64 = 20;
/// The same for what stands in its way.
const MAX_CONFLICTS: i64 = 5;

/// What comes of a job's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Its next job.
    GoOn,
    /// Nothing before this time.
    Deferred(i64),
    /// Nothing for the whole business before this time: its budget is used up, or the CRM is away.
    AllDeferred(i64),
    /// Nothing that can wait, neither of this stream nor of others.
    PauseBackfill(i64),
}

/// Writes down what came of a job; what is next. `started` is when it was begun.
///
/// # Errors
/// When the database is away: the lease ends, and whoever comes next looks at both sides.
pub(super) async fn settle(
    client: &CrmClient<'_>,
    job: &Job,
    started: i64,
    result: &Result<Done, Failure>,
) -> Result<Next, Failure> {
    let now = client.now();
    if let Err(Failure::Waiting { until }) = result
        && !client.has_asked()
    {
        return Ok(waiting(job, *until, now));
    }
    let identified = client.take_identified().filter(|_| result.is_ok());
    let verdict = Verdict::of(client, job, result, now);
    let error = verdict.error();
    let mut settle = client.named([job.key.as_str()]);
    settle.extend([
        job.generation.into(),
        verdict.state.into(),
        error.as_deref().into(),
        i64::from(verdict.is_failure).into(),
        now.into(),
    ]);
    let asked = client.take_asked();
    let requests = i64::try_from(asked.len()).unwrap_or_default();
    let mut attempt = client.named([job.key.as_str()]);
    attempt.extend([
        started.into(),
        ((now - started) / 1000).into(),
        verdict.outcome.into(),
        serde_json::to_string(&asked).unwrap_or_default().into(),
        error.as_deref().into(),
    ]);
    // Asking what changed is no job of the business's, and would make its rate of success look better.
    let counts = job.kind != RECONCILE;
    let done = i64::from(counts && verdict.state == "done");
    let failed = i64::from(counts && verdict.state == "failed");
    let settled = (done + failed > 0).then_some(job.key.as_str());
    let mut statements: Vec<_> = hour_count(client, settled, done, failed)
        .into_iter()
        .collect();
    statements.extend([
        JOB_SETTLE.bind(settle),
        ATTEMPT_INSERT.bind(attempt),
        day_count(client, done, failed, requests),
    ]);
    if job.tries > 8 {
        statements.push(ATTEMPT_PRUNE.bind(client.named([job.key.as_str()])));
    }
    statements.extend(health_note(client, verdict.blame, requests, error));
    let recall = statements.len();
    if let Some(customer) = &identified {
        let mut params = client.named([customer.as_str()]);
        params.push(now.into());
        statements.push(JOBS_RECALL.bind(params));
    }
    let results = client.batch(statements).await?;
    let is_recalled = results.get(recall).is_some_and(|rows| !rows.is_empty());
    Ok(match verdict.next {
        // What is made again comes before what was read of the stream so far.
        Next::GoOn if is_recalled => Next::Deferred(now),
        next => next,
    })
}

struct Verdict<'a> {
    state: &'static str,
    outcome: &'static str,
    is_failure: bool,
    blame: Blame,
    next: Next,
    failure: Option<&'a Failure>,
    reason: Option<&'static str>,
}

impl<'a> Verdict<'a> {
    fn of(client: &CrmClient<'_>, job: &Job, result: &'a Result<Done, Failure>, now: i64) -> Self {
        let (state, reason) = match result {
            Ok(Done::Done) => ("done", None),
            Ok(Done::Skipped(reason)) => ("skipped", Some(*reason)),
            Ok(Done::Deferred(_)) | Err(_) => ("waiting", None),
        };
        let next = match result {
            Ok(Done::Deferred(due)) => Next::Deferred(*due),
            _ => Next::GoOn,
        };
        let verdict = Self {
            state,
            outcome: if state == "waiting" { "waits" } else { state },
            is_failure: false,
            blame: Blame::Nobody,
            next,
            failure: result.as_ref().err(),
            reason,
        };
        match result {
            Ok(_) => verdict,
            Err(failure) => verdict.failed(client, job, failure, now),
        }
    }

    fn failed(self, client: &CrmClient<'_>, job: &Job, failure: &Failure, now: i64) -> Self {
        let wait = now + backoff(client.limits(), job.failures, client.cx.entropy);
        let again = |blame, max: i64, next| {
            if job.failures + 1 >= max {
                return Self {
                    state: "failed",
                    outcome: "failed",
                    is_failure: true,
                    blame,
                    next: Next::GoOn,
                    ..self
                };
            }
            Self {
                outcome: "waits",
                is_failure: true,
                blame,
                next,
                ..self
            }
        };
        let later = Next::Deferred(wait);
        match failure {
            Failure::Waiting { until } => Self {
                outcome: "waits",
                next: waiting(job, *until, now),
                ..self
            },
            Failure::Capped { until } => Self {
                outcome: "waits",
                next: Next::Deferred(*until),
                ..self
            },
            Failure::Throttled { until, .. } => {
                let until = until.unwrap_or(wait).max(now + SECOND);
                Self {
                    outcome: "waits",
                    next: match client.refusal() {
                        Scope::Account => Next::AllDeferred(until),
                        Scope::Record => Next::Deferred(until),
                    },
                    ..self
                }
            }
            Failure::Auth { .. } => Self {
                outcome: "waits",
                blame: Blame::Account,
                next: Next::AllDeferred(now + ACCOUNT_BREAK),
                ..self
            },
            Failure::Unreached { .. } | Failure::Unclear { .. } => {
                again(Blame::Remote, MAX_FAILURES, later)
            }
            Failure::Away(_) | Failure::Faulted { .. } => again(Blame::Nobody, MAX_FAILURES, later),
            Failure::Conflict { .. } => again(Blame::Nobody, MAX_CONFLICTS, later),
            // Other jobs make other calls. A new key has those that failed so tried again.
            Failure::NotFound | Failure::Invalid { .. } | Failure::Forbidden { .. } => {
                again(Blame::Nobody, 0, later)
            }
        }
    }

    fn error(&self) -> Option<String> {
        let (code, message) = match (self.failure, self.reason) {
            (Some(failure), _) => (failure.code(), failure.message()),
            (None, Some(ANONYMOUS)) => ("anonymous", ANONYMOUS),
            (None, Some(reason)) => ("skipped", reason),
            (None, None) => return None,
        };
        Some(error_json(code, message))
    }
}

/// There is no budget before this time: for what can wait, and else for nothing at all.
fn waiting(job: &Job, until: i64, now: i64) -> Next {
    match job.priority > 0 {
        true => Next::PauseBackfill(until.min(now + BACKOFF.1)),
        false => Next::AllDeferred(until),
    }
}

/// As the CRM has it at first, then twice as long each time, from half to all of it.
fn backoff(limits: &Limits, failures: i64, entropy: Entropy) -> i64 {
    let failures = usize::try_from(failures).unwrap_or_default();
    let quick = limits.quick_retries;
    if let Some(wait) = quick.get(failures) {
        return *wait;
    }
    let (first, max) = BACKOFF;
    let whole = (first << (failures - quick.len()).min(10)).min(max);
    let mut byte = [0];
    entropy(&mut byte);
    whole / 2 + whole / 2 * i64::from(byte[0]) / 255
}
