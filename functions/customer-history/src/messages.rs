//! A conversation's messages as they are remembered.

use common::ids::CustomerId;
use common::json::raw::part;
use common::json::tolerant::quoted;
use common::json::writer::JsonWriter;
use common::time::Timestamp;
use crm::history::{CachedEntry, HistoryMessage, fetched_at, history_key};

/// Most of the JSON of one conversation's messages that is remembered.
const MAX_BYTES: usize = 256 * 1024;

/// The cached messages of a conversation, oldest first.
#[derive(Debug, Default, Clone)]
pub(super) struct CachedMessages {
    pub(super) fetched_at: i64,
    pub(super) messages: Vec<CachedEntry>,
}

impl CachedMessages {
    /// The newest that fit.
    pub(super) fn of(mut messages: Vec<HistoryMessage>, now: i64) -> Self {
        messages.sort_by(|a, b| order_of(b).cmp(&order_of(a)));
        let entries = messages.iter().map(|one| CachedEntry {
            at: order_of(one).0,
            id: one.id.clone(),
            json: json_of(one),
        });
        let mut messages = CachedEntry::fitting(entries.collect(), MAX_BYTES);
        messages.reverse();
        Self {
            fetched_at: now,
            messages,
        }
    }

    pub(super) fn read(json: &str) -> Option<Self> {
        let cached = part(json);
        Some(Self {
            fetched_at: fetched_at(&cached)?,
            messages: CachedEntry::list(&cached, "messages"),
        })
    }

    pub(super) fn written(&self) -> String {
        JsonWriter::default()
            .json("fetched_at", &self.fetched_at.to_string())
            .json("messages", &CachedEntry::array(&self.messages))
            .finish()
    }
}

/// Under which key the messages of one of a customer's conversations are remembered.
pub(super) fn messages_key(customer_id: &CustomerId, conversation: &str) -> String {
    [&history_key(customer_id), ":", conversation].concat()
}

/// By what messages are put in order.
fn order_of(message: &HistoryMessage) -> (i64, &str) {
    let at = message.sent_at.or(message.created_at);
    (at.map(Timestamp::micros).unwrap_or_default(), &message.id)
}

/// A message's public JSON, but for what is ours of it.
fn json_of(message: &HistoryMessage) -> String {
    let time = |at: Option<Timestamp>| quoted(at.map(|at| at.to_string()).as_deref());
    JsonWriter::default()
        .text("id", &message.id)
        .text("direction", message.direction)
        .json("channel", &quoted(message.channel.as_deref()))
        .json("subject", &quoted(message.subject.as_deref()))
        .text("content", &message.content)
        .json("status", &quoted(message.status))
        .json("author", &quoted(message.author.as_deref()))
        .json("sent_at", &time(message.sent_at))
        .json("created_at", &time(message.created_at))
        .finish()
}
