//! What a CRM has of a customer, and what it posts.

use messaging::conversations::{ConversationStatus, Priority};
use schemars::JsonSchema;

/// The CRMs that there are.
fn connector_names() -> Vec<&'static str> {
    connectors::CONNECTORS
        .iter()
        .map(|one| one.name())
        .collect()
}

/// A customer's history at the CRM.
#[derive(Debug, JsonSchema)]
pub struct CustomerHistory {
    /// Always true.
    pub success: bool,
    /// The customer.
    pub customer: HistoryCustomer,
    /// The CRM.
    #[schemars(extend("enum" = connector_names()))]
    pub connector: String,
    /// The CRM's own id of the customer; null if the CRM does not have them.
    pub remote_customer_id: Option<String>,
    /// The conversations, most recently active first.
    pub conversations: Vec<HistoryConversation>,
    /// Whether the response comes from the cache, without a request to the CRM.
    pub cached: bool,
    /// Whether some of it is outdated because the CRM could not be asked.
    pub stale: bool,
    /// When the list of conversations was read from the CRM.
    #[schemars(extend("format" = "date-time"))]
    pub fetched_at: String,
    /// Whether the CRM has more than the 500 conversations that are read.
    pub truncated: bool,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page; null on the last one.
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

/// A conversation in the CRM.
#[derive(Debug, JsonSchema)]
pub struct HistoryConversation {
    /// The CRM's id.
    pub id: String,
    /// Its subject.
    pub name: Option<String>,
    /// The status; null if we have no equivalent.
    pub status: Option<ConversationStatus>,
    /// The priority; null if we have no equivalent.
    pub priority: Option<Priority>,
    /// Its channels: ours by our names, others by the CRM's, such as `chat`.
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
    /// The number of messages.
    pub message_count: u64,
    /// The assignee: an email address, a name, or the CRM's id.
    pub assignee: Option<String>,
    /// The customer's rating, from 0 to 1; null if there is none.
    pub satisfaction: Option<f64>,
    /// Our id of the same conversation; null if it is not one of ours.
    #[schemars(extend("format" = "uuid"))]
    pub ours: Option<String>,
    /// The newest messages, oldest first: at most 100, and at most 256 KB. Null if they could not
    /// be fetched now. Only with `include_messages=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<HistoryMessage>>,
}

/// A message in the CRM.
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
    /// The status; null if we have no equivalent.
    #[schemars(extend("enum" = ["received", "sent", "failed", null]))]
    pub status: Option<String>,
    /// The agent who wrote it, by name or address.
    pub author: Option<String>,
    /// When it was sent.
    #[schemars(extend("format" = "date-time"))]
    pub sent_at: Option<String>,
    /// When it was created in the CRM.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// Our id of the same message; null if it is not one of ours.
    #[schemars(extend("format" = "uuid"))]
    pub ours: Option<String>,
}
