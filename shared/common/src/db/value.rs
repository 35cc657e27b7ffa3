/// A value that is bound or read. No blobs: they cross to D1 as arrays of numbers, sixteen times
/// dearer than text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number below 2^53 in magnitude, the most that crosses as a JavaScript number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text, at most [`MAX_VALUE_BYTES`](super::MAX_VALUE_BYTES).
    Text(String),
}

/// One row, its columns in the order of the SELECT.
pub type Row = Vec<Value>;
/// The rows of one statement.
pub type Rows = Vec<Row>;

impl Value {
    /// The text, where it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, taken out, where it is text.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where it is one; D1 gives every number as a double.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and checked to be in range"
            )]
            Self::Real(n) if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 => {
                Some(*n as i64)
            }
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        debug_assert!(
            n.unsigned_abs() < 1 << 53,
            "{n} does not cross as a JavaScript number"
        );
        Self::Integer(n)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
