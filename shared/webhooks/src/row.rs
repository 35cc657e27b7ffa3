//! Columns of a row, by their place.

use common::db::{Row, Value};
use common::http::Error;
use common::time::Timestamp;

/// A text that may be null.
pub fn text(row: &Row, n: usize) -> Option<&str> {
    row.get(n).and_then(Value::as_text)
}

/// A whole number that may be null.
pub fn integer(row: &Row, n: usize) -> Option<i64> {
    row.get(n).and_then(Value::as_integer)
}

/// A time that may be null.
pub fn time(row: &Row, n: usize) -> Option<Timestamp> {
    integer(row, n).map(Timestamp::from_micros)
}

/// What must be there.
#[track_caller]
pub fn there<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::internal("a column is not what it should be"))
}
