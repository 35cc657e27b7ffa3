//! What came of attempts, written down: the deliveries, and what it says of the endpoint.

use crate::attempt::{Attempted, Claimed, Recipient};
use crate::outcome::{GONE, Outcome};
use crate::sql::{
    ATTEMPT_INSERT, DELIVERY_SETTLE, ENDPOINT_DISABLE, ENDPOINT_DISABLED_EVENT, ENDPOINT_FAILED,
    ENDPOINT_SUCCEEDED,
};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::Error;
use common::ports::Queue;
use common::time::{DAY, SECOND, Timestamp};
use webhooks::sql::DELIVERY_ABANDON;
use webhooks::target::Target;

/// How long everything must have failed for an endpoint to be disabled. Two failures lie so far
/// apart at least (contract.md, Outgoing webhooks).
const FAILING_MICROS: i64 = 5 * DAY;

/// The longest pause that a message in the queue waits for.
const MAX_WAKE_SECONDS: u32 = 60;

/// What came of what was claimed.
pub(crate) struct Settled<'a> {
    pub(crate) target: &'a Target,
    pub(crate) lease: &'a str,
    /// When the attempts were over.
    pub(crate) now: Timestamp,
    pub(crate) done: Vec<(&'a Claimed, &'a Attempted)>,
}

impl Settled<'_> {
    /// Writes it down, and wakes whoever is needed. Gives whether the endpoint goes on.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub(crate) async fn write(
        &self,
        cx: &Context<'_>,
        recipient: &Recipient,
    ) -> Result<bool, Error> {
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
        self.wake_retries(cx);
        if is_over {
            cx.wake(Queue::Events, cx.business_id());
        }
        Ok(!is_over)
    }

    /// Wakes ourselves when what failed is due again. What is due later is found by fan-out's cron.
    fn wake_retries(&self, cx: &Context<'_>) {
        for (_, attempted) in &self.done {
            if let Outcome::Retry(seconds) = attempted.outcome {
                let due = attempted.ended_at.plus(i64::from(seconds) * SECOND);
                let wait = (due.micros() - self.now.micros()).max(0);
                let wait = u32::try_from(wait.unsigned_abs().div_ceil(SECOND.unsigned_abs()));
                let wait = wait.unwrap_or(seconds);
                if wait <= MAX_WAKE_SECONDS {
                    self.target.wake(cx, wait);
                }
            }
        }
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
        let has_failed = outcomes().any(|outcome| outcome != Outcome::Delivered);
        let is_gone = outcomes().any(|outcome| outcome == Outcome::Failed(GONE));
        if has_succeeded && recipient.failing_since.is_some() {
            statements.push(ENDPOINT_SUCCEEDED.bind(self.target.key(cx)));
        }
        if has_failed && (is_gone || !has_succeeded) {
            statements.push(self.target.at(cx, &ENDPOINT_FAILED, self.now));
        }
        let long_ago = self.now.plus(-FAILING_MICROS);
        let is_failing = recipient
            .failing_since
            .is_some_and(|since| since <= long_ago);
        if is_gone {
            statements.extend(self.disabling(cx, GONE, self.now));
            true
        } else if has_failed && !has_succeeded && is_failing {
            statements.extend(self.disabling(cx, "failing", long_ago));
            true
        } else {
            false
        }
    }

    /// Disables the endpoint where it has failed since a time, and gives up what is due to it.
    fn disabling(&self, cx: &Context<'_>, reason: &str, since: Timestamp) -> [Statement; 3] {
        let mut disable = self.target.key(cx);
        disable.extend([
            reason.into(),
            since.micros().into(),
            self.now.micros().into(),
        ]);
        let mut event = self.target.key(cx);
        event.extend([cx.ids.next().into(), self.now.micros().into()]);
        [
            ENDPOINT_DISABLE.bind(disable),
            ENDPOINT_DISABLED_EVENT.bind(event),
            self.target.at(cx, &DELIVERY_ABANDON, self.now),
        ]
    }
}
