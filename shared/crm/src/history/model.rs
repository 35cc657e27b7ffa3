//! Conversation history of a CRM, in our own terms.

use common::json::tolerant::quoted;
use common::json::writer;
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// A customer's conversation history in a CRM; empty for an unknown customer.
#[derive(Debug, Default)]
pub struct ConversationHistory {
    /// Who the customer is there.
    pub remote_customer_id: Option<String>,
    /// The conversations, in any order.
    pub conversations: Vec<HistoryConversation>,
    /// Whether there are more than were read.
    pub is_cut: bool,
}

/// A conversation there.
#[derive(Debug, Default)]
pub struct HistoryConversation {
    /// Its id there.
    pub id: String,
    /// Its subject.
    pub name: Option<String>,
    /// The status; `None` for one that we have no equivalent of.
    pub status: Option<&'static str>,
    /// How urgent it is; likewise.
    pub priority: Option<&'static str>,
    /// The channels: by our names where we have them, otherwise by the CRM's.
    pub channels: Vec<String>,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// When somebody last wrote.
    pub last_message_at: Option<Timestamp>,
    /// How many messages it has.
    pub message_count: i64,
    /// The assignee.
    pub assignee: Option<String>,
    /// How content the customer was, 0 to 1000.
    pub satisfaction: Option<i64>,
}

impl HistoryConversation {
    /// When it went on last, in microseconds.
    pub(super) fn went_on_at(&self) -> i64 {
        let at = self.last_message_at.or(self.updated_at).or(self.created_at);
        at.map(Timestamp::micros).unwrap_or_default()
    }

    /// Its public JSON, without our id.
    pub(super) fn json(&self) -> String {
        let channels: Vec<_> = self
            .channels
            .iter()
            .map(|one| writer::quoted(one))
            .collect();
        JsonWriter::default()
            .text("id", &self.id)
            .json("name", &quoted(self.name.as_deref()))
            .json("status", &quoted(self.status))
            .json("priority", &quoted(self.priority))
            .json("channels", &["[", &channels.join(","), "]"].concat())
            .json("created_at", &time(self.created_at))
            .json("updated_at", &time(self.updated_at))
            .json("last_message_at", &time(self.last_message_at))
            .json("message_count", &self.message_count.to_string())
            .json("assignee", &quoted(self.assignee.as_deref()))
            .json(
                "satisfaction",
                &self.satisfaction.map_or_else(null, decimal),
            )
            .finish()
    }
}

/// Thousandths from 0 to 1 as JSON.
fn decimal(thousandths: i64) -> String {
    match thousandths {
        0 => "0".to_owned(),
        1000.. => "1".to_owned(),
        part => format!("0.{part:03}").trim_end_matches('0').to_owned(),
    }
}

/// A message there.
#[derive(Debug, Default)]
pub struct HistoryMessage {
    /// Its id there.
    pub id: String,
    /// `inbound` or `outbound`.
    pub direction: &'static str,
    /// As those of a conversation.
    pub channel: Option<String>,
    /// A mail's subject.
    pub subject: Option<String>,
    /// Its text.
    pub content: String,
    /// The status; `None` for one that we have no equivalent of.
    pub status: Option<&'static str>,
    /// The agent who wrote it.
    pub author: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When it was written down there.
    pub created_at: Option<Timestamp>,
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(null, |at| writer::quoted(&at.to_string()))
}

fn null() -> String {
    "null".to_owned()
}
