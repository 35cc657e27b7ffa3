//! The time that a job has. What goes on after a queue's message was taken may go on for 30 seconds and
//! is cut off then, in the middle of whatever it does.

use common::ports::{Async, FetchError, Http, OutboundRequest, OutboundResponse};
use common::time::{Clock, SECOND, Timestamp};
use std::future::ready;

/// How long requests of a job may take, from its beginning. What is left of the platform's 30 s is for
/// writing down what came of them.
pub const JOB_MICROS: i64 = 26 * SECOND;
/// With less than this left, a request is not begun.
const MIN_MILLIS: i64 = 1_000;

/// Other servers, for as long as a job may go on: requests are given what is left of its time.
pub(crate) struct Within<'a> {
    pub(crate) http: &'a dyn Http,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) until: Timestamp,
}

impl Http for Within<'_> {
    fn fetch(
        &self,
        mut request: OutboundRequest,
    ) -> Async<'_, Result<OutboundResponse, FetchError>> {
        let left = (self.until.micros() - self.clock.now().micros()) / 1000;
        if left < MIN_MILLIS {
            let reason = "the job has no time left for it".to_owned();
            return Box::pin(ready(Err(FetchError::NotSent(reason))));
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        request.timeout_ms = request.timeout_ms.min(left);
        self.http.fetch(request)
    }
}
