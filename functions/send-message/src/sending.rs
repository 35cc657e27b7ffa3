//! What the steps of sending share.

use crate::sql::SEND_SUSPENDED;
use common::context::Context;
use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};

/// How long an answer of the provider is waited for before a message counts as uncertain; a medium
/// that is uploaded first takes as long again at most.
pub const PATIENCE_MICROS: i64 = 60 * SECOND;
/// See [`PATIENCE_MICROS`].
pub const UPLOAD_MICROS: i64 = 30 * SECOND;

/// The time now, or the request's where the clock is behind it: sending takes its time.
pub fn later(cx: &Context<'_>) -> Timestamp {
    cx.time_now()
}

/// Whether the operator has suspended the business, so that what it sends waits.
///
/// # Errors
/// 503 when the database is away.
pub async fn is_suspended(cx: &Context<'_>) -> Result<bool, Error> {
    let suspended = SEND_SUSPENDED.bind(vec![cx.business_id().into()]);
    Ok(!cx.db.rows(suspended).await?.is_empty())
}

pub fn not_found(what: &'static str, path: &'static str) -> Error {
    Error::new(Kind::NotFound, what).with_detail(path, "known")
}
