use super::events::{EVENT_STREAM, Events, Pending};
use std::borrow::Cow;

/// An answer, before the platform sends it.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    body: Vec<u8>,
    recall: Option<String>,
    events: Option<Pending>,
}

impl Response {
    /// JSON of a value.
    #[must_use]
    pub fn json(status: u16, value: &impl serde::Serialize) -> Self {
        // Our own response types have string keys and finite numbers, so this cannot fail; an
        // empty body under a 500 would show it if it ever did.
        match serde_json::to_vec(value) {
            Ok(body) => Self::json_text(status, body),
            Err(_) => Self::empty(500),
        }
    }

    /// JSON that is a text already, as SQLite built it.
    #[must_use]
    pub fn json_text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::content(status, "application/json", body)
    }

    /// Any content.
    #[must_use]
    pub fn content(
        status: u16,
        content_type: impl Into<Cow<'static, str>>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let headers = vec![("content-type", content_type.into())];
        Self {
            status,
            headers,
            body: body.into(),
            recall: None,
            events: None,
        }
    }

    /// 200 with these events, each sent as soon as it is there. For functions whose row of the ledger says
    /// `.streams()`: any other answers with nothing.
    #[must_use]
    pub fn events(events: Box<dyn Events>) -> Self {
        let mut response = Self::content(200, EVENT_STREAM, Vec::new());
        response.events = Some(Pending(events));
        response
    }

    /// Takes the events out, where there are any, to send them.
    pub fn take_events(&mut self) -> Option<Box<dyn Events>> {
        self.events.take().map(|Pending(events)| events)
    }

    /// Whether it is made while it is sent.
    #[must_use]
    pub fn has_events(&self) -> bool {
        self.events.is_some()
    }

    /// No content.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            recall: None,
            events: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What is stored of an answer under an `Idempotency-Key` in place of its body: ids, and no texts. The
    /// handler of a repeated request gets it as [`Request::recall`](super::Request::recall) and makes an
    /// equal answer of it.
    #[must_use]
    pub fn recalled_by(mut self, recall: impl Into<String>) -> Self {
        self.recall = Some(recall.into());
        self
    }

    /// See [`Response::recalled_by`].
    #[must_use]
    pub fn recall(&self) -> Option<&str> {
        self.recall.as_deref()
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the request did what it asked.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The headers, in the order they were added.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, Cow<'static, str>)] {
        &self.headers
    }

    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_ref())
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The answer to HEAD where this is that to GET: the same headers and no body (RFC 9110 §9.3.2).
    #[must_use]
    pub fn without_body(mut self) -> Self {
        if !self.body.is_empty() {
            let length = std::mem::take(&mut self.body).len().to_string();
            self.headers.push(("content-length", length.into()));
        }
        self
    }
}
