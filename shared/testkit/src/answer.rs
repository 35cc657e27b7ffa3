use common::http::Response;
use serde_json::Value;

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, where it is JSON; else null.
    pub json: Value,
    /// The log line.
    pub log: Value,
    /// How many pieces of the body were not read.
    pub unread: usize,
    /// The events, where it came in pieces: their names and what they tell.
    pub events: Vec<(String, Value)>,
    response: Response,
}

impl Answer {
    pub(crate) fn new(response: Response, log: String, unread: usize) -> Self {
        let json = serde_json::from_slice(response.body()).unwrap_or_default();
        let log = serde_json::from_str(&log).expect("a log line is JSON");
        Self {
            status: response.status(),
            json,
            log,
            unread,
            events: Vec::new(),
            response,
        }
    }

    pub(crate) fn with_events(mut self, sent: &[String]) -> Self {
        let read = sent.iter().map(|event| {
            let event = event.strip_suffix("\n\n").expect("an event ends");
            let event = event.strip_prefix("event: ").expect("an event has a name");
            let (name, data) = event.split_once("\ndata: ").expect("an event has data");
            assert!(!data.contains(['\n', '\r']), "one line: {data:?}");
            let data = serde_json::from_str(data).expect("an event tells JSON");
            (name.to_owned(), data)
        });
        self.events = read.collect();
        self
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.response.body()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.response.body()).into_owned()
    }

    /// Status and code of a refusal, such as `(422, "invalid_request")`.
    #[must_use]
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or_default())
    }

    /// Where the first detail of a refusal points, and the rule.
    #[must_use]
    pub fn detail(&self) -> (&str, &str) {
        let text = |key: &str| self.json["details"][0][key].as_str().unwrap_or_default();
        (text("path"), text("rule"))
    }
}
