use super::{BodyStream, Error, Kind, Query, Route};
use std::fmt;

/// A request as the platform hands it over, its body not yet read.
pub struct Incoming<'a> {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query string, still encoded.
    pub query: String,
    /// Reads one header by its lower-case name.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The body.
    pub body: &'a mut dyn BodyStream,
}

/// A request that passed the checks of its ledger row.
#[derive(Debug)]
pub struct Request {
    /// The row.
    pub route: &'static Route,
    /// What stood for `{id}` or `{path}`, or behind the `{connector}` of a webhook.
    pub id: Option<String>,
    /// What stood for `{connector}`.
    pub connector: Option<String>,
    /// The query, all of it known to the row.
    pub query: Query,
    /// The path and the query as requested, still encoded: a provider's signature may cover them.
    pub target: String,
    /// The body, within the row's cap; nothing where the handler reads it.
    pub body: Vec<u8>,
    /// The request was done before, under the same `Idempotency-Key`, and this is what its answer is made
    /// of again; see [`Response::recalled_by`](super::Response::recalled_by).
    pub recall: Option<String>,
}

impl Request {
    /// The body as text.
    ///
    /// # Errors
    /// 400 when it is no UTF-8.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body)
            .map_err(|_| Error::new(Kind::MalformedJson, "The body is not valid UTF-8."))
    }
}

/// 400 for invalid JSON, 422 for JSON that is no object.
#[track_caller]
pub fn json_error(error: &serde_json::Error) -> Error {
    use serde_json::error::Category;
    if error.classify() == Category::Data {
        return shape_error("body", "object", error);
    }
    let message = format!(
        "The body is not valid JSON (line {}, column {}).",
        error.line(),
        error.column()
    );
    Error::new(Kind::MalformedJson, message)
}

/// 422 for JSON of another shape: names the field and the rule, and says what is wrong with it.
#[track_caller]
pub fn shape_error(path: &str, rule: &str, what: &dyn fmt::Display) -> Error {
    let message = format!("The body does not have the expected shape: {what}.");
    Error::invalid(path.to_owned(), rule.to_owned(), message)
}
