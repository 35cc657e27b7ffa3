//! How much may be asked of a CRM: a bucket of tokens in the database, so that all that ask share it.
//!
//! The bucket holds a part of a minute's requests ([`Limits::burst_percent`](super::Limits::burst_percent)) and fills with the others
//! within a minute, so that neither a second nor a minute has more than its limit. What can wait leaves
//! half of the bucket and a fifth of the day to what cannot.

use super::CrmClient;
use super::limits::Reported;
use super::sql::{BUDGET_FEED, BUDGET_NEXT, BUDGET_OPEN, BUDGET_TAKE};
use common::db::{Columns, Value, next_rows};
use common::http::Error;
use common::time::DAY;

/// Takes one request, or says when there will be one.
pub(super) async fn take(client: &CrmClient<'_>, now: i64) -> Result<Result<i64, i64>, Error> {
    let (cx, limits) = (client.cx, client.limits());
    let params = |more: &[i64]| -> Vec<Value> {
        let mut params = client.named([]);
        params.extend([now, now.div_euclid(DAY)].map(Value::from));
        params.extend(more.iter().copied().map(Value::from));
        params
    };
    let (burst, minutes) = (limits.burst_percent(), limits.minutes_a_day());
    let priority = client.priority();
    let results = cx
        .db
        .batch(vec![
            BUDGET_OPEN.bind(params(&[limits.per_minute, burst])),
            BUDGET_TAKE.bind(params(&[priority, burst, minutes])),
            BUDGET_NEXT.bind(params(&[priority, burst, minutes])),
        ])
        .await?;
    let mut results = results.into_iter().skip(1);
    let (taken, next) = (next_rows(&mut results)?, next_rows(&mut results)?);
    if let Some(row) = taken.first() {
        return Ok(Ok(Columns::of(row).integer("per_minute")?));
    }
    let row = next.first();
    let row = row.ok_or_else(|| Error::internal("a budget is not there"))?;
    let next = Columns::of(row).integer("next")?;
    Ok(Err(next.max(now + 1)))
}

/// Takes note of what a CRM says of its limits, where that changes anything. `per_minute` is what
/// was known.
pub(super) async fn feed(
    client: &CrmClient<'_>,
    per_minute: i64,
    reported: Reported,
    blocked_until: Option<i64>,
) -> Result<(), Error> {
    let limit = reported.limit.map(|limit| client.limits().share(limit));
    let limit = limit.filter(|limit| *limit != per_minute);
    let scarce = reported.remaining.filter(|left| *left < per_minute / 10);
    let until = match scarce {
        Some(left) if left <= 0 => blocked_until.max(reported.reset),
        _ => blocked_until,
    };
    if limit.is_none() && scarce.is_none() && until.is_none() {
        return Ok(());
    }
    write(client, limit, scarce, until.unwrap_or_default()).await
}

/// Takes no more requests before this time.
pub(super) async fn block(client: &CrmClient<'_>, until: i64) -> Result<(), Error> {
    write(client, None, None, until).await
}

async fn write(
    client: &CrmClient<'_>,
    limit: Option<i64>,
    left: Option<i64>,
    blocked_until: i64,
) -> Result<(), Error> {
    let mut params = client.named([]);
    params.extend([limit.into(), left.into(), blocked_until.into()]);
    client.cx.db.rows(BUDGET_FEED.bind(params)).await?;
    Ok(())
}
