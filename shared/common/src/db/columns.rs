use super::{Row, Value};
use crate::http::Error;
use crate::ids::RowId;
use crate::time::Timestamp;

/// Reads a row column by column, in the order of its statement, each by its name. A column that is
/// missing or of another type is our own fault, and an error; one that may be NULL says so.
#[derive(Debug)]
pub struct Columns<'r>(std::slice::Iter<'r, Value>);

impl<'r> Columns<'r> {
    /// All columns of a row.
    #[must_use]
    pub fn of(row: &'r [Value]) -> Self {
        Self(row.iter())
    }

    #[track_caller]
    fn next(&mut self, name: &'static str) -> Result<&'r Value, Error> {
        self.0.next().ok_or_else(|| wrong(name))
    }

    /// A text, as it stands in the row.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn str(&mut self, name: &'static str) -> Result<&'r str, Error> {
        self.next(name)?.as_text().ok_or_else(|| wrong(name))
    }

    /// A text or NULL, as it stands in the row.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn str_or_null(&mut self, name: &'static str) -> Result<Option<&'r str>, Error> {
        match self.next(name)? {
            Value::Null => Ok(None),
            value => value.as_text().map(Some).ok_or_else(|| wrong(name)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn text(&mut self, name: &'static str) -> Result<String, Error> {
        self.str(name).map(str::to_owned)
    }

    /// A text or NULL.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn text_or_null(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        Ok(self.str_or_null(name)?.map(str::to_owned))
    }

    /// The id of a row.
    ///
    /// # Errors
    /// 500 for what is no text.
    #[track_caller]
    pub fn id<T: RowId>(&mut self, name: &'static str) -> Result<T, Error> {
        self.text(name).map(T::of_row)
    }

    /// The id of a row, or NULL.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn id_or_null<T: RowId>(&mut self, name: &'static str) -> Result<Option<T>, Error> {
        Ok(self.text_or_null(name)?.map(T::of_row))
    }

    /// A whole number.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn integer(&mut self, name: &'static str) -> Result<i64, Error> {
        self.next(name)?.as_integer().ok_or_else(|| wrong(name))
    }

    /// A whole number or NULL.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn integer_or_null(&mut self, name: &'static str) -> Result<Option<i64>, Error> {
        match self.next(name)? {
            Value::Null => Ok(None),
            value => value.as_integer().map(Some).ok_or_else(|| wrong(name)),
        }
    }

    /// A time, in microseconds.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn time(&mut self, name: &'static str) -> Result<Timestamp, Error> {
        self.integer(name).map(Timestamp::from_micros)
    }

    /// A time in microseconds, or NULL.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn time_or_null(&mut self, name: &'static str) -> Result<Option<Timestamp>, Error> {
        Ok(self.integer_or_null(name)?.map(Timestamp::from_micros))
    }

    /// A condition: 1 or 0.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        match self.integer(name)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(wrong(name)),
        }
    }

    /// What only its reader can make something of; `None` of `parse` is an error.
    ///
    /// # Errors
    /// 500 for what is no text, or none that `parse` takes.
    #[track_caller]
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&'r str) -> Option<T>,
    ) -> Result<T, Error> {
        parse(self.str(name)?).ok_or_else(|| wrong(name))
    }

    /// As [`Columns::parsed`], or NULL.
    ///
    /// # Errors
    /// 500 for anything else.
    #[track_caller]
    pub fn parsed_or_null<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&'r str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.str_or_null(name)? {
            Some(text) => parse(text).map(Some).ok_or_else(|| wrong(name)),
            None => Ok(None),
        }
    }

    /// Passes over columns that this reader does not need.
    pub fn skip(&mut self, columns: usize) {
        for _ in 0..columns {
            self.0.next();
        }
    }
}

/// The text of a row's only column, taken out: of rows that are JSON.
///
/// # Errors
/// 500 for anything else.
#[track_caller]
pub fn text_of(row: Row, name: &'static str) -> Result<String, Error> {
    let value = row.into_iter().next().and_then(Value::into_text);
    value.ok_or_else(|| wrong(name))
}

/// The rows of the next statement of a batch.
///
/// # Errors
/// 500 where there is none.
#[track_caller]
pub fn next_rows<R>(results: &mut impl Iterator<Item = R>) -> Result<R, Error> {
    let lost = || Error::internal("a batch gave fewer results than its statements");
    results.next().ok_or_else(lost)
}

#[track_caller]
fn wrong(name: &'static str) -> Error {
    Error::internal(format!("the column {name} is missing or of another type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_their_order_and_null_only_where_it_may_stand() {
        let row = ["a".into(), Value::Null, 7.into(), Value::Null, 1.into()];
        let mut columns = Columns::of(&row);
        assert_eq!(columns.text("id").unwrap(), "a");
        assert_eq!(columns.text_or_null("name").unwrap(), None);
        assert_eq!(columns.integer("size").unwrap(), 7);
        assert_eq!(columns.time_or_null("read_at").unwrap(), None);
        assert!(columns.flag("is_active").unwrap());
        let error = columns.text("more").unwrap_err();
        assert!(error.cause().unwrap().starts_with("the column more is"));
    }

    #[test]
    fn another_type_is_an_error_and_never_a_default() {
        let row: [Value; 1] = ["2".into()];
        assert!(Columns::of(&row).integer("n").is_err());
        assert!(Columns::of(&row).integer_or_null("n").is_err());
        let row: [Value; 1] = [2.into()];
        assert!(Columns::of(&row).str("n").is_err());
        assert!(Columns::of(&row).str_or_null("n").is_err());
        assert!(Columns::of(&row).flag("n").is_err());
        assert!(text_of(vec![Value::Null], "json").is_err());
        assert!(Columns::of(&[Value::Null]).text("n").is_err());
    }
}
