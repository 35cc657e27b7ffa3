//! How much of each thing a business may have. The operator sets it; what there is, triggers count
//! (`usage_counts`), so that a check reads two rows by their key.

use super::sql::{QUOTA_GUARD, QUOTA_STATE};
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value};
use common::http::{Error, Kind};
use common::time::{DAY, SECOND, Timestamp};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Channel accounts that are not deleted.
    Channels,
    /// Endpoints of webhooks that are not deleted.
    Webhooks,
    /// API keys that are not revoked.
    ApiKeys,
    /// Bytes of files.
    StoredBytes,
    /// Messages that are sent on one day, UTC. What comes in is never refused.
    MessagesPerDay,
}

impl Quota {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Channels,
        Self::Webhooks,
        Self::ApiKeys,
        Self::StoredBytes,
        Self::MessagesPerDay,
    ];

    /// Its name, in the API as in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Webhooks => "webhooks",
            Self::ApiKeys => "api_keys",
            Self::StoredBytes => "stored_bytes",
            Self::MessagesPerDay => "messages_per_day",
        }
    }

    /// How much a business may have of whom the operator said nothing.
    #[must_use]
    pub const fn default(self) -> i64 {
        match self {
            Self::Channels => 5_000,
            Self::Webhooks => 50,
            Self::ApiKeys => 1_000,
            Self::StoredBytes => 50 * 1024 * 1024 * 1024,
            Self::MessagesPerDay => 100_000,
        }
    }

    /// What counts for it: a kind of `usage_counts`, and its day.
    #[must_use]
    pub fn counted(self, now: Timestamp) -> (&'static str, i64) {
        match self {
            Self::MessagesPerDay => ("sent", day_of(now)),
            other => (other.name(), 0),
        }
    }

    /// The statement that reads it: one row, for [`Quota::check`].
    #[must_use]
    pub fn statement(self, cx: &Context<'_>) -> Statement {
        QUOTA_STATE.bind(self.place(cx))
    }

    /// Where the quota and what counts for it stand, as the first parameters of its statements.
    fn place(self, cx: &Context<'_>) -> Vec<Value> {
        let (counted, day) = self.counted(cx.now);
        vec![
            cx.business_id().into(),
            self.name().into(),
            counted.into(),
            day.into(),
        ]
    }

    /// The statement that ends a transaction, as one that lost a race, where the quota does not have so much
    /// more: others may have taken it since the check. It stands first in its batch.
    #[must_use]
    pub fn guard(self, cx: &Context<'_>, more: i64) -> Statement {
        let mut params = self.place(cx);
        params.extend([self.default().into(), more.into()]);
        QUOTA_GUARD.bind(params)
    }

    /// Refuses so much more where the quota does not have it. `row` is of [`Quota::statement`].
    ///
    /// # Errors
    /// 403 `quota_exceeded`, which names the quota and says what to do.
    pub fn check(self, row: Option<&Row>, more: i64, now: Timestamp) -> Result<(), Error> {
        let row = row.ok_or_else(|| Error::internal("a quota has no row"))?;
        let mut columns = Columns::of(row);
        let limit = columns.integer_or_null("quota")?.unwrap_or(self.default());
        let used = columns.integer_or_null("used")?.unwrap_or(0);
        if used.saturating_add(more) <= limit {
            return Ok(());
        }
        let name = self.name();
        let message = match self {
            Self::Channels => format!(
                "The business has {used} accounts; its quota `{name}` is {limit}. Delete one"
            ),
            Self::Webhooks => format!(
                "The business has {used} endpoints; its quota `{name}` is {limit}. Delete one"
            ),
            Self::ApiKeys => {
                format!("The business has {used} keys; its quota `{name}` is {limit}. Revoke one")
            }
            Self::StoredBytes => format!(
                "The business stores {used} bytes; its quota `{name}` is {limit}. Erase what is not needed"
            ),
            Self::MessagesPerDay => format!(
                "The business has sent {used} messages today (UTC); its quota `{name}` is {limit}. Go on tomorrow"
            ),
        };
        let error = Error::new(
            Kind::QuotaExceeded,
            message + ", or ask the operator for more.",
        )
        .with_detail(name, format!("at_most_{limit}"));
        Err(match self {
            Self::MessagesPerDay => error.retry_after(seconds_to_midnight(now)),
            _ => error,
        })
    }
}

/// Refuses so much more of something where the business's quota does not have it.
///
/// # Errors
/// 403 `quota_exceeded`; 503 when the database is away.
pub async fn quota_check(cx: &Context<'_>, quota: Quota, more: i64) -> Result<(), Error> {
    let rows = cx.db.rows(quota.statement(cx)).await?;
    quota.check(rows.first(), more, cx.now)
}

/// Inserts a row that counts as so much for a quota, unless the quota is used up by then.
///
/// # Errors
/// As [`quota_check`].
pub async fn insert_within_quota(
    cx: &Context<'_>,
    quota: Quota,
    more: i64,
    insert: Statement,
) -> Result<Rows, Error> {
    match cx.db.batch(vec![quota.guard(cx, more), insert]).await {
        Ok(mut results) => Ok(results.pop().unwrap_or_default()),
        Err(error) => {
            if error.is_race() {
                quota_check(cx, quota, more).await?;
            }
            Err(error.into())
        }
    }
}

/// Days since 1970, UTC.
#[must_use]
pub fn day_of(now: Timestamp) -> i64 {
    now.micros().div_euclid(DAY)
}

fn seconds_to_midnight(now: Timestamp) -> u32 {
    let left = DAY - now.micros().rem_euclid(DAY);
    u32::try_from(left / SECOND).unwrap_or(1).max(1)
}
