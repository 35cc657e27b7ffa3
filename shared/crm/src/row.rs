//! Reading a row, column by column in the order of its statement. A column that is missing or of
//! another type is our own fault, and an error.

use common::db::{Row, Value};
use common::http::Error;

/// The columns of a row that are not read yet.
pub struct Columns<'r> {
    values: std::slice::Iter<'r, Value>,
}

impl<'r> Columns<'r> {
    /// All columns of a row.
    #[must_use]
    pub fn of(row: &'r Row) -> Self {
        Self { values: row.iter() }
    }

    fn next(&mut self, name: &'static str) -> Result<&'r Value, Error> {
        self.values.next().ok_or_else(|| wrong(name))
    }

    /// A text.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn text(&mut self, name: &'static str) -> Result<String, Error> {
        let text = self.next(name)?.as_text();
        text.map(str::to_owned).ok_or_else(|| wrong(name))
    }

    /// A text, or nothing.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn text_or_null(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        match self.next(name)? {
            Value::Null => Ok(None),
            value => Ok(Some(value.as_text().ok_or_else(|| wrong(name))?.to_owned())),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn integer(&mut self, name: &'static str) -> Result<i64, Error> {
        self.next(name)?.as_integer().ok_or_else(|| wrong(name))
    }

    /// A whole number, or nothing.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn integer_or_null(&mut self, name: &'static str) -> Result<Option<i64>, Error> {
        match self.next(name)? {
            Value::Null => Ok(None),
            value => value.as_integer().map(Some).ok_or_else(|| wrong(name)),
        }
    }
}

fn wrong(name: &'static str) -> Error {
    Error::internal(format!("the column {name} is missing or of another type"))
}
