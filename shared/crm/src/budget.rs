//! How much may be asked of a CRM: a bucket of tokens in the database, so that all that ask share it.
//!
//! The bucket holds 8 % of a minute's requests and fills with the other 92 % a minute. So no span of a
//! minute has more than the limit, and of the 100 requests that the setup guide grants no second has
//! more than ten. A day has a hundred times a minute's. What can wait leaves half of the bucket and a
//! fifth of the day to what cannot.

use super::sql::{BUDGET_FEED, BUDGET_GET, BUDGET_NEXT, BUDGET_OPEN, BUDGET_TAKE};
use common::context::Context;
use common::db::Value;
use common::http::Error;
use common::time::DAY;

/// Requests a minute while the CRM has not said what its limit is
/// (kustomer.md §6).
pub const REQUESTS_PER_MINUTE: i64 = 100;
/// How much of the limit that a CRM tells is ours; others share it (kustomer.md §6).
const SHARE_PERCENT: i64 = 75;
/// Bounds of what a CRM may tell, in requests a minute.
const BOUNDS: (i64, i64) = (10, 3000);

/// What was used, and how much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests a day.
    pub per_day: i64,
    /// Of them used today, in UTC.
    pub used_today: i64,
    /// The CRM wants to be left alone until then.
    pub blocked_until: Option<i64>,
}

/// What a CRM says of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute.
    pub limit: Option<i64>,
    /// How many are left.
    pub remaining: Option<i64>,
    /// When all of them are back, in microseconds.
    pub reset: Option<i64>,
}

/// Takes one request, or says when there will be one.
pub(super) async fn take(
    cx: &Context<'_>,
    connector: &str,
    now: i64,
    priority: i64,
) -> Result<Result<i64, i64>, Error> {
    let params = |last: i64| -> Vec<Value> {
        vec![
            cx.business_id().into(),
            connector.into(),
            now.into(),
            now.div_euclid(DAY).into(),
            last.into(),
        ]
    };
    let results = cx
        .db
        .batch(vec![
            BUDGET_OPEN.bind(params(REQUESTS_PER_MINUTE)),
            BUDGET_TAKE.bind(params(priority)),
            BUDGET_NEXT.bind(params(priority)),
        ])
        .await?;
    let integer = |n: usize| results.get(n)?.first()?.first()?.as_integer();
    match (integer(1), integer(2)) {
        (Some(per_minute), _) => Ok(Ok(per_minute)),
        (None, Some(next)) => Ok(Err(next.max(now + 1))),
        (None, None) => Err(Error::internal("a budget is not there")),
    }
}

/// Takes note of what a CRM says of its limits, where that changes anything. `per_minute` is what
/// was known.
pub(super) async fn feed(
    cx: &Context<'_>,
    connector: &str,
    per_minute: i64,
    limits: Limits,
    blocked_until: Option<i64>,
) -> Result<(), Error> {
    let told = limits.limit.map(|limit| {
        let (least, most) = BOUNDS;
        (limit * SHARE_PERCENT / 100).clamp(least, most)
    });
    let told = told.filter(|told| *told != per_minute);
    let scarce = limits.remaining.filter(|left| *left < per_minute / 10);
    let until = match scarce {
        Some(left) if left <= 0 => blocked_until.max(limits.reset),
        _ => blocked_until,
    };
    if told.is_none() && scarce.is_none() && until.is_none() {
        return Ok(());
    }
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        told.into(),
        scarce.into(),
        until.unwrap_or_default().into(),
    ];
    cx.db.rows(BUDGET_FEED.bind(params)).await?;
    Ok(())
}

impl Budget {
    /// How a business's budget stands.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn read(cx: &Context<'_>, connector: &str) -> Result<Self, Error> {
        let params = vec![cx.business_id().into(), connector.into()];
        let rows = cx.db.rows(BUDGET_GET.bind(params)).await?;
        let column = |n: usize| rows.first().and_then(|row| row.get(n)?.as_integer());
        let per_minute = column(0).unwrap_or(REQUESTS_PER_MINUTE);
        let is_today = column(1) == Some(cx.now.micros().div_euclid(DAY));
        Ok(Self {
            per_minute,
            per_day: per_minute * 100,
            used_today: column(2).filter(|_| is_today).unwrap_or_default(),
            blocked_until: column(3).filter(|until| *until > cx.now.micros()),
        })
    }
}
