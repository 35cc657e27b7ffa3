use super::{Async, FetchError, Nothing, OutboundRequest};
use crate::http::BodyStream;

/// The response of another server whose body was not read yet. Redirects are returned, never followed.
pub struct OpenedResponse {
    /// The status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it comes. Who drops it before its end hangs up.
    pub body: Box<dyn BodyStream>,
}

/// Other servers whose answers are read while they come.
pub trait Streams {
    /// Sends a request and gives the answer once its headers are there. `timeout_ms` includes the body, which breaks off
    /// then; `max_bytes` is for the reader to count.
    fn open(&self, request: OutboundRequest) -> Async<'_, Result<OpenedResponse, FetchError>>;
}

impl Streams for Nothing {
    fn open(&self, _: OutboundRequest) -> Async<'_, Result<OpenedResponse, FetchError>> {
        let reason = "this function reads no streams".to_owned();
        Box::pin(std::future::ready(Err(FetchError::NotSent(reason))))
    }
}
