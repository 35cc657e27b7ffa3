//! Answers that come in pieces: server-sent events (WHATWG HTML, 9.2 Server-sent events).

use super::Error;
use crate::ports::Async;
use std::fmt;

/// The media type of such an answer.
pub const EVENT_STREAM: &str = "text/event-stream";

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is: a word.
    pub name: &'static str,
    /// What it tells, as JSON on one line.
    pub data: String,
}

impl Event {
    /// An event that tells this value.
    ///
    /// # Errors
    /// 500 for what cannot be written.
    pub fn json(name: &'static str, value: &impl serde::Serialize) -> Result<Self, Error> {
        let data = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self { name, data })
    }

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        ["event: ", self.name, "\ndata: ", &self.data, "\n\n"]
            .concat()
            .into_bytes()
    }
}

/// What is told of an answer while it is made. It goes on behind its request, so it holds all that it needs.
pub trait Events {
    /// The next event; `None` at the end. After an error nothing follows.
    fn next(&mut self) -> Async<'_, Option<Result<Event, Error>>>;
}

/// The events of a [`Response`](super::Response).
pub(super) struct Pending(pub(super) Box<dyn Events>);

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("events")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_name_its_data_and_an_empty_line() {
        let event = Event::json("delta", &serde_json::json!({ "text": "a\nb\r\u{2028}" })).unwrap();
        let expected = "event: delta\ndata: {\"text\":\"a\\nb\\r\u{2028}\"}\n\n";
        assert_eq!(event.to_bytes(), expected.as_bytes());
    }
}
