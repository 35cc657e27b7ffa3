use crate::settings::{RetentionChange, retention_get, retention_put};
use crate::storage::storage_report;
use crate::sweep::{businesses_due, sweep};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// How long things are kept, at `/api/dashboard/retention` (session), and how full the database is, at
/// `/api/dashboard/storage` (platform token).
///
/// 1. `PUT`: reads the change: 422 for a field that is unknown or out of its range.
/// 2. `PUT`: changes what the request names; null restores the default. It counts from the next minute on.
/// 3. Answers 200 with `{retention}`, or with `{database}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let retention = match request.route.operation {
        "storage_get" => return Ok(Response::json(200, &storage_report(cx).await?)),
        "retention_get" => retention_get(cx).await?,
        "retention_put" => {
            // 1.
            let change = RetentionChange::parse(request.text()?)?;

            // 2.
            retention_put(cx, &change).await?
        }
        other => return Err(Error::internal(format!("no operation {other}"))),
    };

    // 3.
    Ok(Response::json(200, &retention))
}

/// Deletes what is no longer kept: a bounded slice of it each minute, so that it costs the same however much
/// there is.
///
/// 1. Finds the businesses that the sweep has not looked after for the longest time, at most 20.
/// 2. Of each, in one transaction: takes the bodies out of events that were delivered everywhere, deletes
///    deliveries with their attempts, stored answers, the audit log of more than a year ago, calls of the API of more than
///    30 days ago, and links and visits by which nobody signed in. What is left over is the next minute's.
/// 3. Deletes uploads that no message carries: first their bytes, then their rows.
/// 4. Says in the log line how full the database is, once that is 70 %.
///
/// 503 when the database is away. A business whose sweep fails is noted, and does not hinder the others.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    let due = businesses_due(cx).await?;

    // 2. and 3.
    let mut failures = Vec::new();
    for business in &due.businesses {
        match sweep(cx, business, due.slice).await {
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => failures.push(error.cause().unwrap_or_default()),
            Ok(()) => {}
        }
    }

    // 4.
    if let Some(warning) = storage_report(cx).await?.warning() {
        cx.note(warning);
    }
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(Error::internal(failures.join("; "))),
    }
}
