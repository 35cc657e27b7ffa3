//! Parameters that both reads have.

use common::http::ledger::ROUTES;
use common::http::{Error, Query};
use common::time::Timestamp;

/// Longest id or code that is looked for.
const MAX_CHARS: usize = 64;

/// Refuses a parameter.
pub(crate) fn invalid(name: &str, rule: &'static str, message: String) -> Error {
    Error::invalid(format!("query.{name}"), rule, message)
}

/// An id or a code: 1 to 64 visible characters of ASCII.
pub(crate) fn word(query: &Query, name: &'static str) -> Result<Option<String>, Error> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    let is_word = text.len() <= MAX_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_word.then(|| Some(text.to_owned())).ok_or_else(|| {
        let message = format!("`{name}` must be 1 to {MAX_CHARS} visible characters.");
        invalid(name, "1_to_64_characters", message)
    })
}

/// An operation of this API.
pub(crate) fn operation(query: &Query) -> Result<Option<String>, Error> {
    let Some(text) = query.get("operation") else {
        return Ok(None);
    };
    let is_known = ROUTES.iter().any(|route| route.operation == text);
    is_known.then(|| Some(text.to_owned())).ok_or_else(|| {
        let message = "`operation` must be an `operationId` of /openapi.json.";
        invalid("operation", "known_operation", message.to_owned())
    })
}

/// A date-time.
pub(crate) fn time(query: &Query, name: &'static str) -> Result<Option<Timestamp>, Error> {
    let read = |text| {
        Timestamp::parse(text).ok_or_else(|| {
            let message = format!("`{name}` must be a date-time such as 2026-01-31T00:00:00Z.");
            invalid(name, "date_time", message)
        })
    };
    query.get(name).map(read).transpose()
}
