//! Telling people.

mod mail;
mod slack;
mod words;

pub(crate) use words::{minute, sample, words};

use crate::alert::Alert;
use crate::cause::Severity;
use crate::destination::{DestinationType, Target};
use crate::quiet::QuietHours;
use crate::sql::{NOTIFICATION_CLAIM, NOTIFICATION_SETTLE, NOTIFICATIONS_DUE};
use ::mail::{Outcome, Told};
use common::Context;
use common::db::{Columns, Row, Value};
use common::http::Result;
use common::ids::DestinationId;
use common::join::join_all;
use common::time::SECOND;
use serde::Serialize;
use words::Words;

/// Notifications that are sent in a minute.
const MAX_NOTIFICATIONS: i64 = 60;
/// How many of those that are due are looked at for that.
const MAX_DUE: i64 = 1_000;
/// How many are sent side by side: as many connections as the platform opens at once.
const SIDE_BY_SIDE: usize = 6;
/// What so many take at most, in statements; with several databases a little more, for which there is room.
const STATEMENTS: usize = 3 * SIDE_BY_SIDE;
/// How long whoever sends one has it, in microseconds; longer than sending takes.
const LEASE: i64 = 180 * SECOND;
/// After how long no more are begun in a minute, in microseconds.
const PATIENCE: i64 = 40 * SECOND;
/// Pauses before each next try, in seconds. After the last one it is given up.
const RETRY_SECONDS: [u32; 7] = [30, 120, 300, 900, 1_800, 3_600, 7_200];

/// What came of a sample.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestResult {
    /// Whether it was taken.
    pub sent: bool,
    /// The status of the answer; null where none came.
    pub status: Option<u16>,
    /// The beginning of what the other side answered, or why it did not.
    pub answer: String,
}

impl TestResult {
    /// As a person who tries it is shown it.
    pub(crate) fn of(told: Told) -> Self {
        Self {
            sent: told.outcome == Outcome::Sent,
            status: told.status,
            answer: told.answer,
        }
    }
}

/// Sends something to a destination of the caller's business. `key` is the same for the same thing, so that a provider
/// that knows it takes it once.
///
/// # Errors
/// 503 where the database is away, 500 where a secret cannot be opened.
pub(crate) async fn send(
    cx: &Context<'_>,
    target: &Target,
    key: &str,
    words: &Words,
) -> Result<Told> {
    match target.kind {
        DestinationType::Email => mail::send(cx, &target.address, key, words).await,
        DestinationType::Slack => slack::send(cx, &target.url(cx)?, words).await,
    }
}

/// What is to be sent.
struct Due {
    business_id: String,
    business: String,
    event: String,
    due_at: i64,
    attempts: i64,
    destination_id: DestinationId,
    target: Option<Target>,
    quiet: Option<QuietHours>,
    alert: Alert,
}

impl Due {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        let business_id = columns.text("business_id")?;
        let business = columns.text("business")?;
        let event = columns.text("event")?;
        let due_at = columns.integer("due_at")?;
        let attempts = columns.integer("attempts")?;
        let destination_id: DestinationId = columns.id("destination_id")?;
        let target = Target::of_columns_or_null(&mut columns, destination_id.clone())?;
        let quiet = columns.parsed_or_null("quiet_hours", QuietHours::of_stored)?;
        Ok(Self {
            business_id,
            business,
            event,
            due_at,
            attempts,
            destination_id,
            target,
            quiet,
            alert: Alert::of_columns(&mut columns)?,
        })
    }

    /// What names its row, and the row as it was read.
    fn row(&self, due_at: i64) -> Vec<Value> {
        vec![
            self.business_id.as_str().into(),
            (&self.alert.id).into(),
            (&self.destination_id).into(),
            self.event.as_str().into(),
            due_at.into(),
        ]
    }

    /// At most 80 characters, as Postmark takes for an id.
    fn key(&self) -> String {
        let event = self.event.get(..3).unwrap_or_default();
        [self.alert.id.as_str(), self.destination_id.as_str(), event].join("-")
    }

    fn passes(&self, quiet: &QuietHours) -> bool {
        quiet.critical_passes && self.alert.severity == Severity::Critical
    }
}

/// Sends what is due, at most [`MAX_NOTIFICATIONS`]; what is left is the next minute's.
///
/// # Errors
/// 503 where the database is away. What fails for another reason is noted and does not hinder the others.
pub(crate) async fn notify(cx: &Context<'_>) -> Result<()> {
    let params = [cx.now.micros(), MAX_NOTIFICATIONS, MAX_DUE];
    let due = NOTIFICATIONS_DUE.bind(params.map(Value::from).into());
    let rows = cx.db.rows(due).await?;
    let mut all: Vec<_> = rows.iter().map(Due::of_row).collect::<Result<_>>()?;
    // Each of several databases gives as many.
    all.truncate(usize::try_from(MAX_NOTIFICATIONS).unwrap_or_default());
    for few in all.chunks(SIDE_BY_SIDE) {
        if cx.time_now() > cx.now.plus(PATIENCE) || !cx.allowance.has(STATEMENTS, 0) {
            break;
        }
        for done in join_all(few.iter().map(|due| tell(cx, due))).await {
            match done {
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => cx.note(error.cause().unwrap_or_default()),
                Ok(()) => {}
            }
        }
    }
    Ok(())
}

/// 1. Leaves people alone until quiet hours end, and whoever is not to be told any more.
/// 2. Claims the notification, so that nobody else sends it meanwhile. Whoever is cut off here has it sent again, by
///    the same key.
/// 3. Sends it.
/// 4. Writes down what came of it.
async fn tell(cx: &Context<'_>, due: &Due) -> Result<()> {
    let cx = &cx.of_business(&due.business_id);
    // 1.
    let now = cx.time_now();
    let quiet = due.quiet.as_ref().filter(|quiet| !due.passes(quiet));
    if let Some(end) = quiet.and_then(|quiet| quiet.end(cx, now)) {
        return settle(cx, due, due.due_at, ("pending", Some(end.micros())), None).await;
    }
    let Some(target) = &due.target else {
        let why = "The destination was deleted.";
        return settle(cx, due, due.due_at, ("skipped", None), Some(why)).await;
    };

    // 2.
    let lease = now.plus(LEASE).micros();
    let mut claim = due.row(due.due_at);
    claim.push(lease.into());
    if cx.db.rows(NOTIFICATION_CLAIM.bind(claim)).await?.is_empty() {
        return Ok(());
    }

    // 3.
    let sent = send(
        cx,
        target,
        &due.key(),
        &words(cx, &due.business, &due.event, &due.alert),
    )
    .await;
    let told = match sent {
        Err(error) if error.is_unavailable() => return Err(error),
        Err(_) => Told::failed("The secret of the destination cannot be opened."),
        Ok(told) => told,
    };

    // 4.
    let tries = usize::try_from(due.attempts).unwrap_or(usize::MAX);
    let next = match told.outcome {
        Outcome::Sent => return settle(cx, due, lease, ("sent", None), None).await,
        Outcome::Failed => None,
        Outcome::Again(after) => RETRY_SECONDS.get(tries).map(|pause| {
            let seconds = (*pause).max(after.min(7_200));
            cx.time_now().plus(i64::from(seconds) * SECOND).micros()
        }),
    };
    let state = if next.is_some() { "pending" } else { "failed" };
    settle(cx, due, lease, (state, next), Some(&told.answer)).await
}

async fn settle(
    cx: &Context<'_>,
    due: &Due,
    due_at: i64,
    (state, next): (&str, Option<i64>),
    why: Option<&str>,
) -> Result<()> {
    let sent_at = (state == "sent").then(|| cx.time_now().micros());
    let mut params = due.row(due_at);
    params.extend([state.into(), next.into(), sent_at.into(), why.into()]);
    cx.db.rows(NOTIFICATION_SETTLE.bind(params)).await?;
    Ok(())
}
