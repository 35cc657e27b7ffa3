//! Reading a row; see [`Columns`].

pub use common::db::Columns;

use common::db::Row;
use common::http::Error;

/// A row of whole numbers alone.
pub(crate) fn integers<const N: usize>(row: &Row) -> Result<[i64; N], Error> {
    let mut columns = Columns::of(row);
    let mut integers = [0; N];
    for integer in &mut integers {
        *integer = columns.integer("a whole number")?;
    }
    Ok(integers)
}
