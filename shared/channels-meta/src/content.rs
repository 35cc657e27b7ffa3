use channels::{InboundMedia, MessageType};
use common::json::tolerant::quoted;

/// What a message says.
pub(super) struct Content {
    pub(super) kind: MessageType,
    pub(super) text: String,
    pub(super) media: Vec<InboundMedia>,
    /// The message that a reaction is about.
    pub(super) reacts_to: Option<String>,
    /// Names and JSON of what the type has beside its text.
    details: Vec<(String, String)>,
}

impl Content {
    pub(super) fn of(kind: MessageType, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            media: Vec::new(),
            reacts_to: None,
            details: Vec::new(),
        }
    }

    pub(super) fn with(mut self, name: &str, json: impl Into<String>) -> Self {
        self.details.push((name.to_owned(), json.into()));
        self
    }

    /// The details as one JSON object; none where there are none.
    pub(super) fn detail(&self) -> Option<String> {
        let details = self.details.iter();
        let fields: Vec<_> = details
            .map(|(name, json)| format!("{}:{json}", quoted(Some(name))))
            .collect();
        (!fields.is_empty()).then(|| format!("{{{}}}", fields.join(",")))
    }
}
