//! Delivers what is due to one endpoint. Each endpoint has its own jobs, so that none waits for
//! another's.

use super::attempt::{Attempted, Claimed, Recipient};
use super::outcome::{GONE, Outcome};
use crate::sql::{
    ATTEMPT_INSERT, DELIVERY_CLAIM, DELIVERY_CLAIMED, DELIVERY_SETTLE, ENDPOINT_DISABLE,
    ENDPOINT_DISABLED_EVENT, ENDPOINT_FAILED, ENDPOINT_SUCCEEDED, TARGET_GET,
};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::{Error, Kind};
use common::join::join_all;
use common::outside::Queue;
use common::time::{DAY, SECOND, Timestamp};
use webhooks::sql::DELIVERY_ABANDON;
use webhooks::target::Target;

/// How many deliveries to one endpoint are under way at once.
pub const CONCURRENCY: i64 = 8;
/// How long a job may keep what it claimed, in microseconds: the time an endpoint has to answer,
/// and ample time to write that down. Then the delivery is anybody's.
pub const LEASE_MICROS: i64 = 30 * SECOND;
/// After how long a job leaves the rest to the next.
const JOB_MICROS: i64 = 12 * SECOND;
/// How long everything must have failed for an endpoint to be disabled. Two failures lie so far
/// apart at least (contract.md, Outgoing webhooks).
const FAILING_MICROS: i64 = 5 * DAY;

/// Delivers what is due to the endpoint that a queue's message names, and goes on while there is
/// more.
///
/// # Errors
/// 503 when the database is away: what was claimed is due again when its lease ends. 500 where a
/// secret cannot be opened.
pub async fn deliver(cx: &Context<'_>, message: &str) -> Result<(), Error> {
    let target: Target = serde_json::from_str(message)
        .map_err(|_| Error::new(Kind::MalformedRequest, "A message names no endpoint."))?;
    let own = cx.of_business(&target.business_id);
    let result = deliver_due(&own, &target).await;
    cx.wake_also(own.wakes.take());
    result
}

async fn deliver_due(cx: &Context<'_>, target: &Target) -> Result<(), Error> {
    let started = (cx.clock)().micros();
    let elapsed = || (cx.clock)().micros() - started;
    let now = || cx.now.plus(elapsed());
    loop {
        let lease = cx.ids.next();
        let Some((recipient, claimed)) = claim(cx, target, &lease, now()).await? else {
            return abandon(cx, target, now()).await;
        };
        if claimed.is_empty() {
            return Ok(());
        }
        let attempts = claimed
            .iter()
            .map(|claimed| claimed.attempt(cx, &recipient, &now));
        let attempts = join_all(attempts).await;
        let settled = Settled {
            target,
            lease: &lease,
            now: now(),
            done: claimed.iter().zip(&attempts).collect(),
        };
        if !settled.write(cx, &recipient).await? {
            return Ok(());
        }
        if elapsed() > JOB_MICROS {
            target.wake(cx, 0);
            return Ok(());
        }
    }
}

/// What is due, now ours. None where the endpoint is not active any more.
async fn claim(
    cx: &Context<'_>,
    target: &Target,
    lease: &str,
    now: Timestamp,
) -> Result<Option<(Recipient, Vec<Claimed>)>, Error> {
    let mut claim = target.key(cx);
    claim.extend([
        now.micros().into(),
        lease.into(),
        now.plus(LEASE_MICROS).micros().into(),
        CONCURRENCY.into(),
    ]);
    let mut claimed = target.key(cx);
    claimed.push(lease.into());
    let statements = vec![
        TARGET_GET.bind(target.key(cx)),
        DELIVERY_CLAIM.bind(claim),
        DELIVERY_CLAIMED.bind(claimed),
    ];
    let results = cx.db.batch(statements).await?;
    let [endpoint, _, claimed] = results.as_slice() else {
        return Err(Error::internal("a batch lost its results"));
    };
    let Some(endpoint) = endpoint.first() else {
        return Ok(None);
    };
    let claimed = claimed
        .iter()
        .map(Claimed::of_row)
        .collect::<Result<Vec<_>, _>>()?;
    let recipient = Recipient::of_row(cx, &target.endpoint_id, endpoint)?;
    Ok(Some((recipient, claimed)))
}

async fn abandon(cx: &Context<'_>, target: &Target, now: Timestamp) -> Result<(), Error> {
    cx.db.rows(target.at(cx, &DELIVERY_ABANDON, now)).await?;
    Ok(())
}

/// What came of what was claimed.
struct Settled<'a> {
    target: &'a Target,
    lease: &'a str,
    now: Timestamp,
    done: Vec<(&'a Claimed, &'a Attempted)>,
}

impl Settled<'_> {
    /// Writes it down, and has whoever is needed woken. Gives whether the endpoint goes on.
    async fn write(&self, cx: &Context<'_>, recipient: &Recipient) -> Result<bool, Error> {
        let mut statements = Vec::new();
        let rows = self
            .done
            .iter()
            .map(|(claimed, attempted)| self.row(claimed, attempted));
        for array in json_arrays(rows.collect::<Result<Vec<_>, _>>()?) {
            let business = || Value::from(cx.business_id());
            let now = self.now.micros();
            let insert = vec![business(), array.text.as_str().into()];
            let settle = vec![business(), array.text.into(), now.into()];
            statements.push(ATTEMPT_INSERT.bind(insert));
            statements.push(DELIVERY_SETTLE.bind(settle));
        }
        let is_over = self.endpoint_statements(cx, recipient, &mut statements);
        cx.db.batch(statements).await?;
        for (_, attempted) in &self.done {
            if let Outcome::Retry(seconds) = attempted.outcome {
                let due = attempted.ended_at.plus(i64::from(seconds) * SECOND);
                let wait = (due.micros() - self.now.micros()).max(0);
                let wait = u32::try_from(wait.unsigned_abs().div_ceil(SECOND.unsigned_abs()));
                self.target.wake(cx, wait.unwrap_or(seconds));
            }
        }
        if is_over {
            cx.wake(Queue::Events, cx.business_id());
        }
        Ok(!is_over)
    }

    /// As ATTEMPT_INSERT reads it.
    fn row(&self, claimed: &Claimed, attempted: &Attempted) -> Result<String, Error> {
        let (status, reason, due) = match attempted.outcome {
            Outcome::Delivered => ("delivered", None, None),
            Outcome::Failed(reason) => ("failed", Some(reason), None),
            Outcome::Retry(seconds) => {
                let due = attempted.ended_at.plus(i64::from(seconds) * SECOND);
                ("pending", None, Some(due.micros()))
            }
        };
        let duration = (attempted.ended_at.micros() - attempted.at.micros()) / 1000;
        let row = (
            &claimed.id,
            attempted.at.micros(),
            attempted.status_code,
            duration,
            &attempted.excerpt,
            attempted.error,
            status,
            reason,
            due,
            self.lease,
        );
        serde_json::to_string(&row).map_err(Error::internal)
    }

    /// What it says of the endpoint itself. Gives whether that may be disabled by it.
    fn endpoint_statements(
        &self,
        cx: &Context<'_>,
        recipient: &Recipient,
        statements: &mut Vec<Statement>,
    ) -> bool {
        let outcomes = || self.done.iter().map(|(_, attempted)| attempted.outcome);
        let has_succeeded = outcomes().any(|outcome| outcome == Outcome::Delivered);
        let has_failed = outcomes().any(|outcome| matches!(outcome, Outcome::Failed(_)));
        let is_gone = outcomes().any(|outcome| outcome == Outcome::Failed(GONE));
        let at = |sql| self.target.at(cx, sql, self.now);
        if has_succeeded && recipient.failing_since.is_some() {
            statements.push(ENDPOINT_SUCCEEDED.bind(self.target.key(cx)));
        }
        if has_failed && (is_gone || !has_succeeded) {
            statements.push(at(&ENDPOINT_FAILED));
        }
        let long_ago = self.now.plus(-FAILING_MICROS);
        let is_failing = recipient
            .failing_since
            .is_some_and(|since| since <= long_ago);
        let (reason, since) = if is_gone {
            (GONE, self.now)
        } else if has_failed && !has_succeeded && is_failing {
            ("failing", long_ago)
        } else {
            return false;
        };
        let mut disable = self.target.key(cx);
        disable.extend([
            reason.into(),
            since.micros().into(),
            self.now.micros().into(),
        ]);
        let mut event = self.target.key(cx);
        event.extend([cx.ids.next().into(), self.now.micros().into()]);
        statements.extend([
            ENDPOINT_DISABLE.bind(disable),
            ENDPOINT_DISABLED_EVENT.bind(event),
            at(&DELIVERY_ABANDON),
        ]);
        true
    }
}
