use super::iso;
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// What is searched for: records of a kind that changed since a time, the oldest change first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// `message`, `conversation`, `customer`.
    pub kind: &'static str,
    /// From when on, that moment included.
    pub since: Timestamp,
}

impl Search {
    /// The messages that changed.
    #[must_use]
    pub const fn messages_since(since: Timestamp) -> Self {
        let kind = "message";
        Self { kind, since }
    }

    /// The customers that changed.
    #[must_use]
    pub const fn customers_since(since: Timestamp) -> Self {
        let kind = "customer";
        Self { kind, since }
    }

    /// The conversations that changed.
    #[must_use]
    pub const fn conversations_since(since: Timestamp) -> Self {
        let kind = "conversation";
        Self { kind, since }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let (kind, since) = (self.kind, iso(self.since));
        let and = format!(r#"[{{"{kind}_updated_at":{{"gte":"{since}"}}}}]"#);
        let sort = format!(r#"[{{"{kind}_updated_at":"asc"}}]"#);
        JsonWriter::default()
            .text("queryContext", kind)
            .json("and", &and)
            .json("sort", &sort)
            .finish()
    }
}
