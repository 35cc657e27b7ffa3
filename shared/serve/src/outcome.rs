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

impl Outcome {
    /// This, or for HEAD the same without its body.
    pub(crate) fn of(mut self, is_head: bool) -> Self {
        if is_head {
            self.response = self.response.without_body();
        }
        self
    }
}
