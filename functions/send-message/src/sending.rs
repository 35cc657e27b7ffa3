//! What the steps of sending share.

use common::context::Context;
use common::db::{Rows, Value};
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

/// A column that has to be text.
pub fn text_of(row: &[Value], n: usize) -> Result<String, Error> {
    optional(row, n).ok_or_else(|| Error::internal("a column that should be text is not"))
}

pub fn optional(row: &[Value], n: usize) -> Option<String> {
    row.get(n).and_then(Value::as_text).map(str::to_owned)
}

pub fn integer(row: &[Value], n: usize) -> Option<i64> {
    row.get(n).and_then(Value::as_integer)
}

/// The results of a batch, one after the other.
pub fn next_rows(results: &mut impl Iterator<Item = Rows>) -> Result<Rows, Error> {
    results
        .next()
        .ok_or_else(|| Error::internal("a batch gave fewer results than its statements"))
}

pub fn not_found(what: &'static str, path: &'static str) -> Error {
    Error::new(Kind::NotFound, what).with_detail(path, "known")
}
