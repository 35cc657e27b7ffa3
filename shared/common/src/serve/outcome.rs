use super::LogLine;
use crate::db::Statement;
use crate::http::Response;

/// What came of a request.
#[derive(Debug)]
pub struct Outcome {
    /// The answer.
    pub response: Response,
    /// Notes to be written after the answer was given; losing them harms nobody.
    pub afterwards: Vec<Statement>,
    /// The one log line.
    pub log: LogLine,
}
