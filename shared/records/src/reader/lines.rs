//! JSON lines: values one after the other, with line breaks or nothing between them.

use super::{Found, Parser, RawRecord, Walk};
use crate::{MAX_RECORD_BYTES, Trouble};

/// Values, each a record.
pub(crate) struct Lines;

impl Walk for Lines {
    fn step(&self, text: &str, at: usize, ordinal: usize) -> Result<Found, Trouble> {
        let mut parser = Parser::new(text, at);
        // Some services mark each record with U+001E (RFC 7464), some put commas between lines.
        while parser.take(b'\x1e') || (ordinal > 0 && parser.take(b',')) {}
        if parser.peek().is_none() {
            return Ok(Found::End);
        }
        let start = parser.at;
        parser.skip(0)?;
        let end = parser.at;
        if end - start > MAX_RECORD_BYTES {
            return Ok(Found::TooLong(end));
        }
        let record = RawRecord {
            path: format!("[{ordinal}]"),
            key: None,
            value: Parser::new(text, start).value(0, true)?,
        };
        Ok(Found::Record(record, end))
    }
}
