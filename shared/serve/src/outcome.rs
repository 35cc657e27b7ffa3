use super::LogLine;
use common::effects::Afterwards;
use common::http::Response;

/// What came of a request.
#[derive(Debug)]
pub struct Outcome {
    /// The answer.
    pub response: Response,
    /// What to do after the answer was given.
    pub afterwards: Afterwards,
    /// The one log line.
    pub log: LogLine,
}
