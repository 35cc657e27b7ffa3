//! One SQL text, two engines: D1 behind `edge`, SQLite behind `testkit`.
//!
//! The trait has the two methods that D1 can promise: one statement, or a batch that is one
//! transaction. Statements are constants in lists, so that a test prepares them all and checks
//! that each is bound to its business and none scans a table.

mod arrays;
mod batches;
mod columns;
mod databases;
mod error;
mod kept;
mod size;
mod sql;
mod value;

pub use arrays::{JsonArray, JsonArrays, json_arrays};
pub use batches::by_business;
pub use columns::{Columns, next_rows, text_of};
pub use databases::{Databases, Places};
pub use error::DbError;
pub use kept::{kept, kept_len};
pub use size::DatabaseSize;
pub use sql::{Binding, Sql, Statement};
pub use value::{Row, Rows, Value};

use std::future::Future;
use std::pin::Pin;

/// A future of the database, boxed so that [`Database`] can be a trait object. Not `Send`: a
/// Worker has one thread.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + 'a>>;

/// Largest value D1 stores or binds, and largest row: 2 MB (D1's documented limit).
pub const MAX_VALUE_BYTES: usize = 2_000_000;
/// Largest JSON parameter we build: D1's limit less what quoting may add on the way.
pub const MAX_PARAMETER_BYTES: usize = 1_000_000;
/// Most parameters a statement may bind (D1's documented limit).
pub const MAX_PARAMETERS: usize = 100;
/// Longest SQL text D1 takes, in bytes.
pub const MAX_SQL_BYTES: usize = 100_000;
/// Most terms of a compound SELECT in D1.
pub const MAX_COMPOUND_TERMS: usize = 5;
/// Longest LIKE pattern in D1, in bytes.
pub const MAX_LIKE_BYTES: usize = 50;

/// A database with D1's promises.
pub trait Database {
    /// Runs one statement and gives its rows.
    ///
    /// # Errors
    /// [`DbError`] as the engine reported it.
    fn rows(&self, statement: Statement) -> Pending<'_, Rows>;

    /// Runs the statements in order as one transaction, and gives the rows of each.
    ///
    /// # Errors
    /// [`DbError`] of the first statement that failed; none of them has then happened.
    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>>;

    /// How large the database was after the last batch, in bytes; none where no batch has told. Of several, the largest.
    fn size(&self) -> Option<i64>;

    /// How many statements each call has beside those that it is given: none unless there are several databases.
    fn added(&self) -> usize;
}

#[cfg(test)]
mod tests;
