use super::LogLine;
use common::http::Response;
use common::outside::Afterwards;

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
