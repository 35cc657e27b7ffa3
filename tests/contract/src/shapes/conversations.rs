//! Conversations and messages, whose JSON SQLite builds.

use channels::ChannelKind;
use customer::Customer;
use messaging::conversations::{ConversationStatus, Priority};
use schemars::JsonSchema;
use send_message::answer::SentError;

/// A thread of one customer on one account.
#[derive(Debug, JsonSchema)]
pub struct Conversation {
    /// Its id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The customer.
    #[schemars(extend("format" = "uuid"))]
    pub customer_id: String,
    /// The kind of channel.
    pub channel: ChannelKind,
    /// The same as `channel`.
    pub platform: ChannelKind,
    /// The channel account.
    #[schemars(extend("format" = "uuid"))]
    pub channel_id: String,
    /// The same as `channel_id` on WhatsApp; null elsewhere.
    pub whatsapp_account_id: Option<String>,
    /// The status.
    pub status: ConversationStatus,
    /// The priority.
    pub priority: Priority,
    /// The assignee.
    pub assignee: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The number of messages.
    pub message_count: u64,
    /// When its newest message was committed.
    #[schemars(extend("format" = "date-time"))]
    pub last_message_at: String,
    /// When the customer last wrote, by the provider's clock. The 24-hour window starts here.
    #[schemars(extend("format" = "date-time"))]
    pub last_inbound_at: Option<String>,
    /// When it began.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// When it last changed.
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: String,
    /// When it was closed.
    #[schemars(extend("format" = "date-time"))]
    pub closed_at: Option<String>,
    /// Its newest 200 messages, oldest first. Only with `include_messages=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Message>")]
    pub messages: Option<Vec<Message>>,
}

/// A message.
#[derive(Debug, JsonSchema)]
pub struct Message {
    /// Its id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The conversation.
    #[schemars(extend("format" = "uuid"))]
    pub conversation_id: String,
    /// The customer.
    #[schemars(extend("format" = "uuid"))]
    pub customer_id: String,
    /// The kind of channel.
    pub channel: ChannelKind,
    /// The same as `channel`.
    pub platform: ChannelKind,
    /// The channel account.
    #[schemars(extend("format" = "uuid"))]
    pub channel_id: String,
    /// From the customer or to them.
    #[schemars(extend("enum" = ["inbound", "outbound"]))]
    pub direction: String,
    /// The type; `unsupported` is one that this version cannot read.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts",
        "reaction", "button", "interactive", "order", "system", "unsupported", "template",
    ]))]
    pub kind: String,
    /// The text, or its readable equivalent: a caption, a place's name, an emoji.
    pub content: String,
    /// Data of the type beside the text: `location`, `contacts`, `reaction` and so on.
    pub detail: Option<serde_json::Map<String, serde_json::Value>>,
    /// Inbound `received`. Outbound `queued`, `uncertain`, `sent`, `delivered`, `read`, `failed`;
    /// it never moves backwards.
    #[schemars(extend("enum" = [
        "received", "queued", "uncertain", "sent", "delivered", "read", "failed",
    ]))]
    pub status: String,
    /// Why it failed or is uncertain.
    pub error: Option<SentError>,
    /// The id of the message that it answers or reacts to.
    pub reply_to: Option<String>,
    /// Of an email: whether its sender is proven.
    #[schemars(extend("enum" = ["pass", "fail", "none", null]))]
    pub sender_verified: Option<String>,
    /// Of an email: whether the customer wrote it.
    #[schemars(extend("enum" = ["customer", "other", null]))]
    pub participant: Option<String>,
    /// When it was committed: strictly ascending within a business.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// The provider's own time.
    #[schemars(extend("format" = "date-time"))]
    pub sent_at: Option<String>,
    /// When it reached the customer's device.
    #[schemars(extend("format" = "date-time"))]
    pub delivered_at: Option<String>,
    /// When the customer read it.
    #[schemars(extend("format" = "date-time"))]
    pub read_at: Option<String>,
    /// Its files. Only with `include_attachments=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<MessageAttachment>")]
    pub attachments: Option<Vec<MessageAttachment>>,
}

/// A file of a message.
#[derive(Debug, JsonSchema)]
pub struct MessageAttachment {
    /// Its id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The file's name.
    pub filename: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The size in bytes, once the file is stored.
    pub size: Option<u64>,
    /// The SHA-256 of its content in hexadecimal, once it is there.
    pub sha256: Option<String>,
    /// Whether it can be downloaded: `ready`, `pending` (still being fetched), `failed`.
    #[schemars(extend("enum" = ["ready", "pending", "failed"]))]
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// The same as `download_url`.
    pub url: String,
    /// A link with which anyone can download the file, for seven days.
    pub download_url: String,
}

/// A polled message with its customer.
#[derive(Debug, JsonSchema)]
pub struct PolledMessage {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// The customer who wrote or receives it; null once erased.
    pub customer: Option<MessageCustomer>,
    /// The customer's `external_id`.
    pub external_id: Option<String>,
}

/// The customer of a polled message.
#[derive(Debug, JsonSchema)]
pub struct MessageCustomer {
    /// Our id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The full name.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The phone number, E.164.
    pub phone: Option<String>,
    /// The CRM's id.
    pub external_id: Option<String>,
    /// The system of `external_id`.
    pub external_system: Option<String>,
}

/// Messages in the order in which they were committed.
#[derive(Debug, JsonSchema)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<PolledMessage>,
    /// Whether more messages are available now.
    pub has_more: bool,
    /// The `cursor` for the next call. Always present and always valid.
    pub next_cursor: String,
}

/// A message.
#[derive(Debug, JsonSchema)]
pub struct OneMessage {
    /// Always true.
    pub success: bool,
    /// The message.
    pub message: Message,
}

/// A customer's conversations, most recently active first.
#[derive(Debug, JsonSchema)]
pub struct ConversationPage {
    /// The customer.
    pub customer: Customer,
    /// The conversations.
    pub conversations: Vec<Conversation>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// An updated conversation.
#[derive(Debug, JsonSchema)]
pub struct ChangedConversation {
    /// Always true.
    pub success: bool,
    /// The conversation.
    pub conversation: Conversation,
}

/// An escalated conversation.
#[derive(Debug, JsonSchema)]
pub struct EscalatedConversation {
    /// Always true.
    pub success: bool,
    /// The escalation.
    pub escalation: Escalation,
    /// The conversation.
    pub conversation: Conversation,
    /// Whether the conversation was already escalated, so that no event was emitted.
    pub repeated: bool,
    /// Whether the customer was notified, or will be.
    pub customer_notified: bool,
    /// Why the customer was not notified.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "NoticeError")]
    pub notice_error: Option<NoticeError>,
}

/// An escalation.
#[derive(Debug, JsonSchema)]
pub struct Escalation {
    /// Its id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The conversation.
    #[schemars(extend("format" = "uuid"))]
    pub conversation_id: String,
    /// The requested priority.
    pub priority: Priority,
    /// The CRM's id of the team that takes over.
    pub team_id: Option<String>,
    /// The reason, or the customer's phrase.
    pub reason: Option<String>,
    /// What caused it: a call of the API, a phrase of the customer's, or a message without an automatic reply.
    #[schemars(extend("enum" = ["api", "phrase", "auto_reply"]))]
    pub source: String,
    /// The note added with it.
    #[schemars(extend("format" = "uuid"))]
    pub note_id: Option<String>,
    /// When it was escalated.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
}

/// Why a customer was not notified.
#[derive(Debug, JsonSchema)]
pub struct NoticeError {
    /// An error code: `outside_window`, `opted_out`, `provider_rejected`, `unavailable` and so on.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// An internal note on a conversation.
#[derive(Debug, JsonSchema)]
pub struct Note {
    /// Its id.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// The conversation.
    #[schemars(extend("format" = "uuid"))]
    pub conversation_id: String,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub content: String,
    /// When it was written.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
}

/// An added note.
#[derive(Debug, JsonSchema)]
pub struct AddedNote {
    /// Always true.
    pub success: bool,
    /// The note.
    pub note: Note,
}

/// Notes, oldest first.
#[derive(Debug, JsonSchema)]
pub struct NotePage {
    /// The notes.
    pub notes: Vec<Note>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next notes, also later; null if the page is empty.
    pub next_cursor: Option<String>,
}
