use super::{Pending, Rows, Statement};
use crate::ports::Async;

/// The databases of a deployment that has several (docs/databases.md).
pub trait Databases {
    /// How many there are, two or more.
    fn count(&self) -> usize;
    /// Runs statements in one of them, as one transaction.
    fn batch_in<'a>(&'a self, number: usize, statements: &'a [Statement])
    -> Pending<'a, Vec<Rows>>;
    /// How large one of them was when it last told, in bytes.
    fn size(&self, number: usize) -> Option<i64>;
    /// Which of them is the first where all are asked, so that none is always the last.
    fn turn(&self) -> usize;
    /// The database that new businesses are made in.
    fn for_new(&self) -> usize;
    /// Where the isolate believes a business to be.
    fn known(&self, business_id: &str) -> Option<usize>;
    /// Has the isolate remember where a business is.
    fn note(&self, business_id: &str, number: usize);
    /// Where the directory says that a business is: one of them, or none where it does not know.
    fn directory_get<'a>(&'a self, business_id: &'a str) -> Async<'a, Option<usize>>;
    /// Lets a quarter of a second pass.
    fn pause(&self) -> Async<'_, ()>;
}

/// As [`Databases`], for functions that put businesses there.
pub trait Places: Databases {
    /// Tells the directory where a business is, as far as it listens.
    fn directory_put<'a>(&'a self, business_id: &'a str, number: usize) -> Async<'a, ()>;
}
