//! What came of a job, written down.

use super::failure::Failure;
use super::sql::{
    ATTEMPT_INSERT, ATTEMPT_PRUNE, DAY_COUNT, INTEGRATION_FAILED, INTEGRATION_SUCCEEDED, JOB_SETTLE,
};
use super::{CrmClient, Done, Job, Scope};
use common::db::{Statement, Value};
use common::json::written::Written;
use common::time::SECOND;

/// How long a job that failed waits at first, and at most.
const BACKOFF: (i64, i64) = (5 * SECOND, 600 * SECOND);
/// After how many failures in a row the CRM is left alone for a while.
const BREAKS_AFTER: i64 = 5;
/// For how long at first; twice as long each time, up to an hour.
const BREAK: i64 = 30 * SECOND;
/// The same where the CRM refuses the key itself: nothing but a person mends that.
const ACCOUNT_BREAK: i64 = 300 * SECOND;
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
        && client.asked.borrow().is_empty()
    {
        return Ok(waiting(job, *until, now));
    }
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
    let asked = client.asked.take();
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
    let counts = job.kind != "reconcile";
    let mut day = client.named([]);
    day.extend([
        client.today().into(),
        i64::from(counts && verdict.state == "done").into(),
        i64::from(counts && verdict.state == "failed").into(),
        requests.into(),
        client.throttled.take().into(),
    ]);
    let mut statements = vec![
        JOB_SETTLE.bind(settle),
        ATTEMPT_INSERT.bind(attempt),
        DAY_COUNT.bind(day),
    ];
    if job.tries > 8 {
        statements.push(ATTEMPT_PRUNE.bind(client.named([job.key.as_str()])));
    }
    statements.extend(health(client, verdict.blame, requests, error, now));
    client.batch(statements).await?;
    Ok(verdict.next)
}

/// What the connection's own row is to say of it.
fn health(
    client: &CrmClient<'_>,
    blame: Blame,
    requests: i64,
    error: Option<String>,
    now: i64,
) -> Option<Statement> {
    let mut params = client.named([]);
    params.push(now.into());
    match blame {
        Blame::Nobody if requests > 0 => Some(INTEGRATION_SUCCEEDED.bind(params)),
        Blame::Nobody => None,
        Blame::Remote => {
            params.extend([error.into(), BREAKS_AFTER.into(), BREAK.into()]);
            Some(INTEGRATION_FAILED.bind(params))
        }
        Blame::Account => {
            params.extend([error.into(), Value::from(1), ACCOUNT_BREAK.into()]);
            Some(INTEGRATION_FAILED.bind(params))
        }
    }
}

/// What came of asking for somebody who waits, outside any job: the connection's row and the day's are
/// to say so. Nothing where nothing was asked.
pub(super) fn notes_of_asking(client: &CrmClient<'_>, failure: Option<&Failure>) -> Vec<Statement> {
    let asked = client.asked.take().len();
    if asked == 0 {
        return Vec::new();
    }
    let requests = i64::try_from(asked).unwrap_or_default();
    let blame = match failure {
        Some(Failure::Auth { .. }) => Blame::Account,
        Some(Failure::Unreached { .. }) => Blame::Remote,
        _ => Blame::Nobody,
    };
    let error = failure.map(|failure| error_of(failure.code(), failure.message()));
    let mut day = client.named([]);
    day.extend([client.today(), 0, 0, requests, client.throttled.take()].map(Value::from));
    let mut statements = vec![DAY_COUNT.bind(day)];
    if blame != Blame::Nobody || failure.is_none() {
        statements.extend(health(client, blame, requests, error, client.now()));
    }
    statements
}

fn error_of(code: &str, message: &str) -> String {
    let error = Written::default().text("code", code);
    error.text("message", message).finish()
}

/// Whose fault a failure is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blame {
    Nobody,
    Remote,
    Account,
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
        let wait = now + backoff(job.failures, client.cx.entropy);
        let again = |blame, most: i64, next| {
            if job.failures + 1 >= most {
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
                    next: match client.limits.refusal {
                        Scope::Account => Next::AllDeferred(until),
                        Scope::Record => Next::Deferred(until),
                    },
                    ..self
                }
            }
            // A role that is lacking is lacking for every job alike.
            Failure::Auth { .. } | Failure::Forbidden { .. } => Self {
                outcome: "waits",
                blame: Blame::Account,
                next: Next::AllDeferred(now + ACCOUNT_BREAK),
                ..self
            },
            Failure::Unreached { .. } | Failure::Unclear { .. } => {
                again(Blame::Remote, MAX_FAILURES, later)
            }
            Failure::Away(_) => again(Blame::Nobody, MAX_FAILURES, later),
            Failure::Conflict { .. } => again(Blame::Nobody, MAX_CONFLICTS, later),
            Failure::NotFound | Failure::Invalid { .. } => again(Blame::Nobody, 0, later),
        }
    }

    fn error(&self) -> Option<String> {
        let (code, message) = match (self.failure, self.reason) {
            (Some(failure), _) => (failure.code(), failure.message()),
            (None, Some(reason)) => ("skipped", reason),
            (None, None) => return None,
        };
        Some(error_of(code, message))
    }
}

/// There is no budget before this time: for what can wait, and else for nothing at all.
fn waiting(job: &Job, until: i64, now: i64) -> Next {
    match job.priority > 0 {
        true => Next::PauseBackfill(until.min(now + BACKOFF.1)),
        false => Next::AllDeferred(until),
    }
}

/// Twice as long each time, from half to all of it.
fn backoff(failures: i64, entropy: common::ids::Entropy) -> i64 {
    let (first, most) = BACKOFF;
    let whole = (first << failures.clamp(0, 10)).min(most);
    let mut byte = [0];
    entropy(&mut byte);
    whole / 2 + whole / 2 * i64::from(byte[0]) / 255
}
