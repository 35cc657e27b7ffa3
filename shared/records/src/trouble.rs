//! Why a body cannot be read.

use std::fmt;

/// What is wrong with a body, for the person who set the link up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word: `empty_body`, `web_page`, `binary`, `bad_json`, `bad_csv`, `bad_xml`, `too_deep`,
    /// `too_large`, `records_at_not_found`, `remote_error`, `bad_position`.
    pub code: &'static str,
    /// What is wrong and where. It holds nothing of a record but names of fields.
    pub message: String,
}

impl Trouble {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The same with the line in which a byte of the text stands.
    pub(crate) fn at(code: &'static str, message: &str, text: &str, at: usize) -> Self {
        Self::new(code, format!("{message} (line {})", line_of(text, at)))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Trouble {}

/// The line, counted from 1, in which a byte stands.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|b| **b == b'\n').count()
}
