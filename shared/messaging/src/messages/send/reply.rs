//! Replies that other functions send in a conversation: an agent's reply from a CRM, a notice to the
//! customer. They call `send-message`, which has all that sending needs.

use common::calls::{Call, call};
use common::context::Context;
use common::http::Error;
use common::ids::{ConversationId, MessageId};
use serde::{Deserialize, Serialize};

/// The function that sends replies.
pub const SENDER: &str = "send-message";

/// The prefix of stored reply keys. An `Idempotency-Key` contains no space, so the two cannot collide.
pub const KEY_PREFIX: &str = "said ";

/// A reply to send in a conversation, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundReply {
    /// The conversation; it names the customer and the account.
    pub conversation_id: ConversationId,
    /// The text; may be empty beside attachments.
    pub text: String,
    /// At most ten: our ids, or public https URLs.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// The idempotency key within the business, which never expires: a repeat sends nothing and returns
    /// the first result. For example `<connector>:<remote id of the message>`.
    pub key: String,
    /// The author's id and name, as readers see them.
    #[serde(default)]
    pub author: Option<(String, String)>,
    /// Of comments on posts: our id of the comment whose writer alone gets the reply. Without it all see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_to: Option<MessageId>,
}

impl OutboundReply {
    /// A reply that says nothing yet.
    #[must_use]
    pub fn new(conversation_id: ConversationId, key: impl Into<String>) -> Self {
        Self {
            conversation_id,
            text: String::new(),
            attachments: Vec::new(),
            key: key.into(),
            author: None,
            private_to: None,
        }
    }
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum SendResult {
    /// It is stored, and sent or queued.
    Message {
        /// Our id of the message; of several the first.
        id: MessageId,
        /// `queued`, `sent` or `uncertain`; for a repeat, the current status.
        status: String,
        /// The ids of the other messages, where the channel needed several.
        #[serde(default)]
        others: Vec<MessageId>,
    },
    /// It was not sent, and will not be.
    Refused {
        /// Why, as in an error: `outside_window`, `opted_out`, `provider_rejected`, `not_found`, …
        code: String,
        /// A sentence for people.
        message: String,
        /// Our id of the message, if one was stored before the provider refused it.
        #[serde(default)]
        message_id: Option<MessageId>,
    },
}

/// Sends a reply in a conversation of the business. After any failure it is safe to repeat it with the
/// same key.
///
/// # Errors
/// 503 where the function or its database does not answer. Whether the reply was sent is then unknown.
pub async fn send_reply(cx: &Context<'_>, reply: &OutboundReply) -> Result<SendResult, Error> {
    let reply = SendReply {
        business_id: cx.business_id().to_owned(),
        reply: reply.clone(),
    };
    call(&cx.ports, &reply).await
}

/// How [`send_reply`] asks for it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReply {
    /// Whose conversation it is.
    pub business_id: String,
    /// The reply.
    pub reply: OutboundReply,
}

impl Call for SendReply {
    const FUNCTION: &'static str = SENDER;
    const NAME: &'static str = "send_reply";
    const VERSION: u32 = 1;
    type Answer = SendResult;
}
