//! What is written down of a connection: how it fares, and what was asked of its CRM on a day.

use super::CrmClient;
use super::sql::{DAY_COUNT, INTEGRATION_FAILED, INTEGRATION_SUCCEEDED};
use common::db::{Statement, Value};
use common::json::raw::part;
use common::json::writer::JsonWriter;
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// After how many failures in a row the CRM is left alone for a while.
const BREAKS_AFTER: i64 = 5;
/// For how long at first, and at most: twice as long after each run that fails. Ten minutes after it is back
/// everything goes on.
const BREAK: (i64, i64) = (4 * SECOND, 600 * SECOND);
/// For how long at first where the CRM refuses the key itself, which nothing but a person mends.
pub const ACCOUNT_BREAK: i64 = 300 * SECOND;
/// The same at most.
const MAX_ACCOUNT_BREAK: i64 = 3600 * SECOND;

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nobody's, or the record's alone.
    Nobody,
    /// The CRM's, which does not answer as it should.
    Remote,
    /// The credentials'.
    Account,
}

/// The statement by which the connection's own row says what came of `requests` requests; none where
/// there is nothing to say. `error` is as of [`error_json`].
#[must_use]
pub fn health_note(
    client: &CrmClient<'_>,
    blame: Blame,
    requests: i64,
    error: Option<String>,
) -> Option<Statement> {
    let mut params = client.named([]);
    params.push(client.now().into());
    match blame {
        Blame::Nobody if requests > 0 => Some(INTEGRATION_SUCCEEDED.bind(params)),
        Blame::Nobody => None,
        Blame::Remote => {
            let (first, max) = BREAK;
            params.extend([error.into(), BREAKS_AFTER.into(), first.into()]);
            params.extend([client.began(), max].map(Value::from));
            Some(INTEGRATION_FAILED.bind(params))
        }
        Blame::Account => {
            params.extend([error.into(), Value::from(1), ACCOUNT_BREAK.into()]);
            params.extend([client.began(), MAX_ACCOUNT_BREAK].map(Value::from));
            Some(INTEGRATION_FAILED.bind(params))
        }
    }
}

/// The statement that adds to the day's counts: jobs done, jobs failed for good, requests. What the CRM
/// throttled since this was last asked for is counted with it.
#[must_use]
pub fn day_count(client: &CrmClient<'_>, done: i64, failed: i64, requests: i64) -> Statement {
    let mut day = client.named([]);
    let counts = [
        client.today(),
        done,
        failed,
        requests,
        client.throttled.take(),
    ];
    day.extend(counts.map(Value::from));
    DAY_COUNT.bind(day)
}

/// An error as rows keep it: `{"code", "message"}`.
#[must_use]
pub fn error_json(code: &str, message: &str) -> String {
    let error = JsonWriter::default().text("code", code);
    error.text("message", message).finish()
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastError {
    /// A stable code.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// When it happened, if known.
    pub at: Option<Timestamp>,
}

impl LastError {
    /// One that is known by nothing else.
    #[must_use]
    pub fn new(code: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: message.to_owned(),
            at: None,
        }
    }

    /// Reads what [`error_json`] wrote.
    #[must_use]
    pub fn read(json: &str, at: Option<Timestamp>) -> Option<Self> {
        let error = part(json);
        Some(Self {
            code: error.text("code")?,
            message: error.text("message").unwrap_or_default(),
            at,
        })
    }
}
