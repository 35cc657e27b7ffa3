//! How a connection fares.

use crate::sql::{BUDGET_GET, QUEUE_STATUS};
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::json::raw::{part, text};
use common::time::{DAY, SECOND, Timestamp};
use crm::backfill::Backfill;
use crm::health::LastError;
use crm::table::Role;
use crm::trouble::troubles;
use crm::{Connector, Integration, Setup, cache_get, integration_get};
use serde::Serialize;

/// How long a job may wait before something is wrong.
const PATIENCE_MICROS: i64 = 600 * SECOND;

/// The status of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConnectionState {
    /// Everything works.
    Healthy,
    /// It works partly.
    Degraded,
    /// The CRM does not respond, or refuses the key. Jobs wait.
    Down,
    /// It is disabled.
    Disabled,
}

/// The status of a connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntegrationStatus {
    /// The status.
    pub status: ConnectionState,
    /// Why it is not healthy.
    pub reasons: Vec<LastError>,
    /// How much may be asked of the CRM.
    pub budget: BudgetStatus,
    /// The queue.
    pub queue: QueueState,
    /// When a request to the CRM last succeeded.
    pub last_success_at: Option<Timestamp>,
    /// The last error.
    pub last_error: Option<LastError>,
    /// Until when the connection is paused.
    pub broken_until: Option<Timestamp>,
    /// Whether the CRM calls us: `active`, `disabled` (it switched its webhook off), `missing`,
    /// `unknown`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["active", "disabled", "missing", "unknown"])))]
    pub webhook: String,
    /// Up to when the CRM's changes were reconciled.
    pub reconciled_to: Option<Timestamp>,
    /// The progress of the backfill; null if none was started.
    pub backfill: Option<Backfill>,
}

/// The request budget of a CRM.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BudgetStatus {
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests a day.
    pub per_day: i64,
    /// Requests used today, in UTC.
    pub used_today: i64,
    /// Until when the CRM throttles requests.
    pub blocked_until: Option<Timestamp>,
}

/// The queue of jobs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueueState {
    /// Waiting jobs, including those of a backfill.
    pub waiting: i64,
    /// Since when the oldest of them waits, without those of a backfill.
    pub oldest_at: Option<Timestamp>,
    /// Jobs that failed for good.
    pub failed: i64,
}

/// How the business's connection fares. One that was never set up is disabled. A source of conversations has no
/// settings of its own, nor one webhook: each of its accounts has.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn integration_status(
    cx: &Context<'_>,
    connector: &dyn Connector,
    setup: Option<&dyn Setup>,
) -> Result<IntegrationStatus, Error> {
    let name = connector.name();
    let integration = integration_get(cx, name).await?.unwrap_or_default();
    let budget = budget_of(cx, connector).await?;
    let (queue, failed_recently) = queue_of(cx, name).await?;
    let webhook = webhook_of(cx, setup, &integration).await?;
    let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    let reasons = match integration.is_active {
        true => {
            let mut reasons = reasons_of(cx, &integration, &queue, failed_recently, &webhook);
            reasons.extend(troubles(cx, name).await?);
            reasons
        }
        false => Vec::new(),
    };
    let status = match (integration.is_active, reasons.first()) {
        (false, _) => ConnectionState::Disabled,
        (true, None) => ConnectionState::Healthy,
        (true, Some(_)) if integration.is_down(cx.now.micros()) => ConnectionState::Down,
        (true, Some(_)) => ConnectionState::Degraded,
    };
    let last_error = integration.last_error.as_deref();
    Ok(IntegrationStatus {
        status,
        reasons,
        budget,
        queue,
        last_success_at: at(integration.succeeded_at),
        last_error: last_error.and_then(|error| LastError::read(error, at(integration.failed_at))),
        broken_until: at(integration.broken_until).filter(|until| *until > cx.now),
        webhook,
        reconciled_to: at(integration.reconciled_to),
        backfill: Backfill::of(cx, &integration).await?,
    })
}

async fn budget_of(cx: &Context<'_>, connector: &dyn Connector) -> Result<BudgetStatus, Error> {
    let limits = connector.limits();
    let budget = |per_minute, used_today, blocked_until| BudgetStatus {
        per_minute,
        per_day: per_minute * limits.minutes_a_day(),
        used_today,
        blocked_until,
    };
    let params = vec![cx.business_id().into(), connector.name().into()];
    let rows = cx.db.rows(BUDGET_GET.bind(params)).await?;
    let Some(row) = rows.first() else {
        return Ok(budget(limits.per_minute, 0, None));
    };
    let mut columns = Columns::of(row);
    let per_minute = columns.integer("per_minute")?;
    let is_today = columns.integer("day")? == cx.now.micros().div_euclid(DAY);
    let used = columns.integer("used")?;
    let blocked_until = Timestamp::from_micros(columns.integer("blocked_until")?);
    let blocked_until = Some(blocked_until).filter(|until| *until > cx.now);
    let used_today = if is_today { used } else { 0 };
    Ok(budget(per_minute, used_today, blocked_until))
}

async fn queue_of(cx: &Context<'_>, connector: &str) -> Result<(QueueState, i64), Error> {
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        cx.now.plus(-DAY).micros().into(),
    ];
    let rows = cx.db.rows(QUEUE_STATUS.bind(params)).await?;
    let row = rows.first().ok_or_else(|| Error::internal("no counts"))?;
    let mut columns = Columns::of(row);
    let queue = QueueState {
        waiting: columns.integer("waiting")?,
        oldest_at: columns
            .integer_or_null("oldest")?
            .map(Timestamp::from_micros),
        failed: columns.integer("failed")?,
    };
    Ok((queue, columns.integer("failed recently")?))
}

/// What was last seen of the webhook. One that was made by hand nobody looks after.
async fn webhook_of(
    cx: &Context<'_>,
    setup: Option<&dyn Setup>,
    integration: &Integration,
) -> Result<String, Error> {
    let unknown = || "unknown".to_owned();
    let secret = setup.and_then(|setup| Some((setup, setup.settings().secret(Role::Webhook)?.1)));
    let Some((connector, secret)) = secret else {
        return Ok(unknown());
    };
    if integration.webhook_id.is_none() {
        // Secrets that cannot be opened any more are told by whoever needs them.
        let own = integration.opened(cx).ok().flatten().unwrap_or_default();
        let by_hand = part(&own).get(secret.stored).is_some();
        return Ok(if by_hand {
            unknown()
        } else {
            "missing".to_owned()
        });
    }
    let seen = cache_get(cx, connector.name(), "webhook").await?;
    let seen = seen.as_deref().and_then(text);
    Ok(seen.unwrap_or_else(unknown))
}

/// What is wrong, the worst first.
fn reasons_of(
    cx: &Context<'_>,
    integration: &Integration,
    queue: &QueueState,
    failed_recently: i64,
    webhook: &str,
) -> Vec<LastError> {
    let mut reasons = Vec::new();
    let why = match integration.is_down(cx.now.micros()) {
        true => integration.broken_reason.as_ref(),
        false => None,
    };
    let why = why.or(integration.last_error.as_ref());
    if integration.is_down(cx.now.micros()) || integration.failures > 0 {
        let failed_at = integration.failed_at.map(Timestamp::from_micros);
        let told = why.and_then(|why| LastError::read(why, failed_at));
        let unknown = || LastError::new("unclear", "The CRM does not answer as it should.");
        reasons.push(told.unwrap_or_else(unknown));
    }
    if failed_recently > 0 {
        let message = format!("{failed_recently} jobs failed for good within a day.");
        reasons.push(LastError::new("failed_jobs", &message));
    }
    if matches!(webhook, "disabled" | "missing") {
        let message = "The CRM does not call us; it is asked every five minutes instead.";
        reasons.push(LastError::new(&["webhook_", webhook].concat(), message));
    }
    let waits_since = queue.oldest_at.map(Timestamp::micros);
    if waits_since.is_some_and(|since| cx.now.micros() - since > PATIENCE_MICROS) {
        let message = "Jobs have been waiting for more than ten minutes.";
        reasons.push(LastError::new("slow_queue", message));
    }
    reasons
}
