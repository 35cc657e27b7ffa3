//! The sweep of a business.

use crate::settings::Retention;
use crate::sql::{
    API_CALL_EXPIRE, API_HOUR_EXPIRE, API_USAGE_EXPIRE, ATTEMPT_EXPIRE, AUDIT_EXPIRE, BODY_EXPIRE,
    BODY_RELEASE, CRM_HOUR_EXPIRE, CRM_OUTAGE_EXPIRE, DELIVERY_EXPIRE, DELIVERY_SWEPT,
    SIGN_IN_LINK_EXPIRE, SIGN_IN_VISIT_EXPIRE, SWEEP_AGAIN, SWEEP_DUE, SWEEP_NEXT, UPLOAD_DELETE,
    UPLOAD_EXPIRE, UPLOAD_EXPIRED,
};
use access::idempotency::{MAX_PRUNED, prune};
use access::sign_in::LINK_KEPT_MICROS;
use common::context::Context;
use common::db::{Columns, Row, Statement, Value};
use common::http::Error;
use common::ids::lowest_id;
use common::time::{DAY, SECOND, Timestamp};
use messaging::attachments::files_delete;

/// Businesses that are swept in a minute.
const MAX_BUSINESSES: i64 = 20;
/// How long a business has rest that has nothing left to sweep, in microseconds.
const REST_MICROS: i64 = 600 * SECOND;
/// Rows of a kind that are swept in a minute, of all businesses together.
const MAX_ROWS: i64 = 2000;
/// Rows of a kind that each business is granted, however many others are due.
const MIN_ROWS: i64 = 100;
/// Uploads of a business that are deleted at once.
const MAX_UPLOADS: i64 = 40;
/// Keys that they lie under: each is a call of KV, of which an invocation has a thousand.
const MAX_KEYS: usize = 40;
/// For how long the audit log is kept, in days, whatever a business sets.
const AUDIT_DAYS: i64 = 365;
/// For how long calls of the API are kept one by one, and counted by hours (docs/monitoring.md).
const CALLS_DAYS: i64 = 30;
/// For how long figures of CRMs are kept: 30 days are shown (docs/monitoring.md).
const FIGURES_DAYS: i64 = 31;
/// For how long they are counted by days: the longest span of the analytics.
const USAGE_DAYS: i64 = 92;

/// The businesses of a minute.
pub(crate) struct Due {
    pub(crate) businesses: Vec<DueBusiness>,
    /// Rows of a kind for each.
    pub(crate) slice: i64,
}

/// A business to sweep.
pub(crate) struct DueBusiness {
    id: String,
    retention: Retention,
}

impl DueBusiness {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.text("id")?,
            retention: Retention::of_columns(&mut columns)?,
        })
    }
}

/// The businesses whose sweep is due, those that waited longest first.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn businesses_due(cx: &Context<'_>) -> Result<Due, Error> {
    let due = SWEEP_DUE.bind(vec![cx.now.micros().into(), MAX_BUSINESSES.into()]);
    let rows = cx.db.rows(due).await?;
    let mut businesses: Vec<_> = rows
        .iter()
        .map(DueBusiness::of_row)
        .collect::<Result<_, _>>()?;
    // Each of several databases gives as many; an invocation has not the statements for all of them.
    businesses.truncate(usize::try_from(MAX_BUSINESSES).unwrap_or_default());
    let count = i64::try_from(businesses.len()).unwrap_or(MAX_BUSINESSES);
    Ok(Due {
        slice: MIN_ROWS.max(MAX_ROWS / count.max(1)),
        businesses,
    })
}

/// Sweeps a business.
///
/// # Errors
/// 503 when the database or KV is away.
pub(crate) async fn sweep(
    cx: &Context<'_>,
    business: &DueBusiness,
    slice: i64,
) -> Result<(), Error> {
    let cx = &cx.of_business(&business.id);
    match cx
        .db
        .batch(statements(cx, &business.retention, slice))
        .await
    {
        Ok(mut results) => uploads_delete(cx, &results.pop().unwrap_or_default()).await,
        Err(error) => {
            // It must not be the first one due for ever.
            let next = vec![cx.business_id().into(), rested(cx).into()];
            cx.db.rows(SWEEP_NEXT.bind(next)).await?;
            Err(error.into())
        }
    }
}

fn rested(cx: &Context<'_>) -> i64 {
    cx.now.plus(REST_MICROS).micros()
}

/// The transaction; what it gives last are the uploads whose bytes are to be deleted.
fn statements(cx: &Context<'_>, retention: &Retention, slice: i64) -> Vec<Statement> {
    let business = || Value::from(cx.business_id());
    let ago = |days: i64| -> Timestamp { cx.now.plus(-days * DAY) };
    // A full slice has more behind it: the business is due again.
    let again = |rows: i64| SWEEP_AGAIN.bind(vec![business(), cx.now.micros().into(), rows.into()]);
    let delivered = || -> Vec<Value> {
        let before = ago(retention.event_bodies_days).micros();
        vec![business(), before.into(), slice.into()]
    };
    let expired = || -> Vec<Value> {
        let before = lowest_id(ago(retention.deliveries_days));
        vec![business(), before.into(), slice.into()]
    };
    let unaudited = vec![business(), lowest_id(ago(AUDIT_DAYS)).into(), slice.into()];
    let calls = vec![business(), ago(CALLS_DAYS).micros().into(), slice.into()];
    let days = ago(USAGE_DAYS).micros().div_euclid(DAY);
    let usage = vec![business(), days.into(), slice.into()];
    let hours = ago(CALLS_DAYS).micros().div_euclid(3600 * SECOND);
    let hours = vec![business(), hours.into(), slice.into()];
    let unused = cx.now.plus(-LINK_KEPT_MICROS).micros();
    let links = vec![business(), unused.into(), slice.into()];
    let visits = vec![business(), cx.now.micros().into()];
    let figures = ago(FIGURES_DAYS).micros();
    let crm_hours = vec![
        business(),
        figures.div_euclid(3600 * SECOND).into(),
        slice.into(),
    ];
    let outages = vec![business(), figures.into(), slice.into()];
    let uploads = vec![
        business(),
        ago(retention.uploads_days).micros().into(),
        MAX_UPLOADS.into(),
    ];
    vec![
        SWEEP_NEXT.bind(vec![business(), rested(cx).into()]),
        BODY_RELEASE.bind(delivered()),
        DELIVERY_SWEPT.bind(delivered()),
        again(slice),
        BODY_EXPIRE.bind(expired()),
        ATTEMPT_EXPIRE.bind(expired()),
        DELIVERY_EXPIRE.bind(expired()),
        again(slice),
        prune(cx.business_id(), cx.now),
        again(MAX_PRUNED),
        AUDIT_EXPIRE.bind(unaudited),
        again(slice),
        API_CALL_EXPIRE.bind(calls),
        again(slice),
        API_USAGE_EXPIRE.bind(usage),
        again(slice),
        API_HOUR_EXPIRE.bind(hours),
        SIGN_IN_LINK_EXPIRE.bind(links),
        again(slice),
        SIGN_IN_VISIT_EXPIRE.bind(visits),
        CRM_HOUR_EXPIRE.bind(crm_hours),
        CRM_OUTAGE_EXPIRE.bind(outages),
        UPLOAD_EXPIRE.bind(uploads.clone()),
        again(MAX_UPLOADS),
        UPLOAD_EXPIRED.bind(uploads),
    ]
}

/// Deletes uploads that no message can carry any more: first the bytes, so that a row that is there finds
/// what is left of them.
async fn uploads_delete(cx: &Context<'_>, rows: &[Row]) -> Result<(), Error> {
    let Some(ids) = files_delete(cx, rows, MAX_KEYS).await? else {
        return Ok(());
    };
    let delete = UPLOAD_DELETE.bind(vec![cx.business_id().into(), ids.into()]);
    cx.db.rows(delete).await?;
    Ok(())
}
