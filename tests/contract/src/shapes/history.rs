//! What a CRM has of a customer, and what it posts.

use messaging::conversations::{ConversationStatus, Priority};
use schemars::JsonSchema;

/// A customer's history at the CRM.
#[derive(Debug, JsonSchema)]
pub struct CustomerHistory {
    /// Always true.
    pub success: bool,
    /// Whose it is.
    pub customer: HistoryCustomer,
    /// The CRM.
    #[schemars(extend("enum" = ["kustomer"]))]
    pub connector: String,
    /// The CRM's own id of the customer; null where it does not know them.
    pub remote_customer_id: Option<String>,
    /// The conversations, the one that went on last first.
    pub conversations: Vec<HistoryConversation>,
    /// Whether all of it was remembered, and nothing asked of the CRM.
    pub cached: bool,
    /// Whether the CRM could not be asked for all that is older than it may be.
    pub stale: bool,
    /// When the CRM told the list of conversations.
    #[schemars(extend("format" = "date-time"))]
    pub fetched_at: String,
    /// Whether the CRM has more than the 500 conversations that are read of it.
    pub truncated: bool,
    /// Whether more follow.
    pub has_more: bool,
    /// What to send as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// The customer of a history.
#[derive(Debug, JsonSchema)]
pub struct HistoryCustomer {
    /// Our id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The CRM's id.
    pub external_id: Option<String>,
    /// The full name.
    pub name: Option<String>,
}

/// A conversation as the CRM has it.
#[derive(Debug, JsonSchema)]
pub struct HistoryConversation {
    /// The CRM's id.
    pub id: String,
    /// Its subject.
    pub name: Option<String>,
    /// How it stands; null for what we have no word for.
    pub status: Option<ConversationStatus>,
    /// How urgent it is; null for what we have no word for.
    pub priority: Option<Priority>,
    /// Over which channels it went: ours by our names, others by the CRM's, such as `chat`.
    pub channels: Vec<String>,
    /// When it began.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// When it last changed.
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: Option<String>,
    /// When somebody last wrote.
    #[schemars(extend("format" = "date-time"))]
    pub last_message_at: Option<String>,
    /// How many messages it has.
    pub message_count: u64,
    /// Who cares for it: an address, else a name, else the CRM's id.
    pub assignee: Option<String>,
    /// How content the customer was, from 0 to 1; null where they did not say.
    pub satisfaction: Option<f64>,
    /// Our id of the same conversation; null where it is not one of ours.
    #[schemars(extend("format" = "uuid"))]
    pub ours: Option<String>,
    /// Its messages, oldest first: the newest that fit into 256 KB of at most 100. Null where they
    /// could not be asked for just now. Only with `include_messages=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<HistoryMessage>>,
}

/// A message as the CRM has it.
#[derive(Debug, JsonSchema)]
pub struct HistoryMessage {
    /// The CRM's id.
    pub id: String,
    /// From the customer or to them.
    #[schemars(extend("enum" = ["inbound", "outbound"]))]
    pub direction: String,
    /// The channel, named as in `channels`.
    pub channel: Option<String>,
    /// A mail's subject.
    pub subject: Option<String>,
    /// The text.
    pub content: String,
    /// How it stands; null for what we have no word for.
    #[schemars(extend("enum" = ["received", "sent", "failed", null]))]
    pub status: Option<String>,
    /// The agent who wrote it, by name or address.
    pub author: Option<String>,
    /// When it was sent.
    #[schemars(extend("format" = "date-time"))]
    pub sent_at: Option<String>,
    /// When the CRM wrote it down.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// Our id of the same message; null where it is not one of ours.
    #[schemars(extend("format" = "uuid"))]
    pub ours: Option<String>,
}
