use crate::liquid::liquid_escaped;
use crate::reading::MARK;
use common::json::raw::integer;
use common::json::writer::{JsonWriter, quoted};

/// The events that a webhook of ours asks for.
pub const EVENTS: [&str; 7] = [
    "contact_created",
    "contact_updated",
    "conversation_created",
    "conversation_updated",
    "conversation_status_changed",
    "message_created",
    "message_updated",
];

/// A message or a note that is posted.
///
/// It never has a `source_id`: Chatwoot takes a message with one for the channel's own, and never sends it
/// there. What it is known by again stands in its `content_attributes`, which are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMessage<'a> {
    /// Our id of it.
    pub id: &'a str,
    /// What it says; may be empty beside files.
    pub text: &'a str,
    /// Whether agents alone see it.
    pub is_private: bool,
    /// Chatwoot's id of the message that it answers.
    pub in_reply_to: Option<&'a str>,
}

impl NewMessage<'_> {
    /// Its fields, as a form has them; the JSON has the same, but for what is no text there.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        if !self.text.is_empty() {
            fields.push(("content", liquid_escaped(self.text).into_owned()));
        }
        fields.push(("message_type", "outgoing".to_owned()));
        // Left out rather than false, which some version may take for the text of it.
        if self.is_private {
            fields.push(("private", "true".to_owned()));
        }
        fields.push(("content_attributes", self.attributes()));
        fields.push(("echo_id", self.id.to_owned()));
        fields
    }

    fn attributes(&self) -> String {
        let marked = JsonWriter::default().text(MARK, self.id);
        match self.in_reply_to {
            // An id is a number there; other servers may have other ids.
            Some(id) if integer(id).is_some() => marked.json("in_reply_to", id),
            id => marked.maybe("in_reply_to", id),
        }
        .finish()
    }

    /// The body that posts it without files.
    #[must_use]
    pub fn json(&self) -> String {
        let fields = self.fields().into_iter();
        fields
            .fold(JsonWriter::default(), |json, (name, value)| match name {
                "private" | "content_attributes" => json.json(name, &value),
                name => json.text(name, &value),
            })
            .finish()
    }
}

/// A state of a conversation.
#[must_use]
pub fn status(name: &str, snoozed_until: Option<i64>) -> String {
    let json = JsonWriter::default().text("status", name);
    match snoozed_until {
        Some(seconds) => json.json("snoozed_until", &seconds.to_string()),
        None => json,
    }
    .finish()
}

/// A priority; `None` for none at all.
#[must_use]
pub fn priority(name: Option<&str>) -> String {
    let name = name.map_or_else(|| "null".to_owned(), quoted);
    JsonWriter::default().json("priority", &name).finish()
}

/// Who a conversation is assigned to, by the id of an agent; 0 for nobody, as an id of nobody is.
#[must_use]
pub fn assignment(agent_id: u64) -> String {
    let id = agent_id.to_string();
    JsonWriter::default().json("assignee_id", &id).finish()
}

/// The labels of a conversation, in place of what it has.
#[must_use]
pub fn labels<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    let labels = list(labels);
    JsonWriter::default().json("labels", &labels).finish()
}

/// Custom attributes of a contact; those that are not named stay.
#[must_use]
pub fn contact_attributes<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| [quoted(name), quoted(value)].join(":"))
        .collect();
    let attributes = ["{", &pairs.join(","), "}"].concat();
    JsonWriter::default()
        .json("custom_attributes", &attributes)
        .finish()
}

/// The definition of a contact's attribute of text, without which pages do not show it.
#[must_use]
pub fn definition(key: &str, name: &str) -> String {
    JsonWriter::default()
        .text("attribute_key", key)
        .text("attribute_display_name", name)
        // Of text, of contacts: names of either are taken by all versions, as are these numbers.
        .json("attribute_display_type", "0")
        .json("attribute_model", "1")
        .finish()
}

/// A webhook of ours. Old servers refuse its `name`; it is left out then.
#[must_use]
pub fn webhook(url: &str, name: Option<&str>) -> String {
    JsonWriter::default()
        .text("url", url)
        .maybe("name", name)
        .json("subscriptions", &list(EVENTS))
        .finish()
}

/// A page of ours beside the conversations.
#[must_use]
pub fn dashboard_app(title: &str, url: &str) -> String {
    let frame = JsonWriter::default().text("type", "frame").text("url", url);
    JsonWriter::default()
        .text("title", title)
        .json("content", &["[", &frame.finish(), "]"].concat())
        .finish()
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.into_iter().map(quoted).collect();
    ["[", &texts.join(","), "]"].concat()
}
