use super::LogLine;
use common::http::{Error, Event, Events, Response};

/// The event that tells why nothing follows.
const FAILED: &str = "error";

/// An answer that goes on behind its request: its events as they are sent, and the log line, which is written when it
/// ends.
pub struct EventStream {
    events: Option<Box<dyn Events>>,
    log: LogLine,
    sent: usize,
}

impl EventStream {
    /// That of a response which has events.
    pub fn of(response: &mut Response, log: LogLine) -> Self {
        Self {
            events: response.take_events(),
            log,
            sent: 0,
        }
    }

    /// What is sent next; `None` at the end. An error is sent as an event whose data is the body that it would have as
    /// an answer, and is the last.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        let next = self.events.as_mut()?.next().await;
        let bytes = match next {
            None => {
                self.events = None;
                return None;
            }
            Some(Ok(event)) => event.to_bytes(),
            Some(Err(error)) => self.failed(&error).to_bytes(),
        };
        self.sent += bytes.len();
        Some(bytes)
    }

    fn failed(&mut self, error: &Error) -> Event {
        self.events = None;
        self.log.failed(error);
        let envelope = error.to_response(&self.log.request_id);
        Event {
            name: FAILED,
            data: String::from_utf8_lossy(envelope.body()).into_owned(),
        }
    }

    /// The log line, once nothing more is sent. `is_left`: the caller went away before the end.
    #[must_use]
    pub fn into_log(mut self, is_left: bool) -> LogLine {
        self.log.streamed(self.sent);
        if is_left {
            self.log.left();
        }
        self.log
    }
}
