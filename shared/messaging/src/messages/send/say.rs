//! What other functions say in a conversation: what an agent wrote at a CRM, what a customer is told.
//! They call the function that stores messages, since it has all that sending needs.

use common::calls::{Call, call};
use common::context::Context;
use common::http::Error;
use serde::{Deserialize, Serialize};

/// The function that says it.
pub const SENDER: &str = "send-message";

/// Something to say in a conversation, once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// The conversation; it names the customer and the account.
    pub conversation_id: String,
    /// The text; may be empty beside attachments.
    pub text: String,
    /// At most ten: our ids, or public https URLs.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// What names this saying within the business, for good: said again under the same key, nothing
    /// is sent, and what came of it is told. Such as `<connector>:<their id of the message>`.
    pub key: String,
    /// Who says it, by id and name, as readers are told.
    #[serde(default)]
    pub author: Option<(String, String)>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Said {
    /// It is stored, and sent or to be sent.
    Message {
        /// Our id of the message; of several the first.
        id: String,
        /// `queued`, `sent`, `uncertain`; where it was said before, also what it came to since.
        status: String,
        /// The ids of the others, where the channel takes it in several.
        #[serde(default)]
        others: Vec<String>,
    },
    /// It was not sent, and will not be.
    Refused {
        /// Why, as in an error: `outside_window`, `opted_out`, `provider_rejected`, `not_found`, …
        code: String,
        /// A sentence for people.
        message: String,
        /// Our id of the message, where it came to be one: the provider refused it.
        #[serde(default)]
        message_id: Option<String>,
    },
}

/// Says something in a conversation of the business. Whatever fails in between, it may be said again
/// under the same key.
///
/// # Errors
/// 503 where the function or its database does not answer: nobody knows whether it was said.
pub async fn say(cx: &Context<'_>, saying: &Saying) -> Result<Said, Error> {
    let reply = SendReply {
        business_id: cx.business_id().to_owned(),
        reply: saying.clone(),
    };
    call(&cx.outside, &reply).await
}

/// How [`say`] asks for it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReply {
    /// Whose conversation it is.
    pub business_id: String,
    /// What to say.
    pub reply: Saying,
}

impl Call for SendReply {
    const FUNCTION: &'static str = SENDER;
    const NAME: &'static str = "send_reply";
    const VERSION: u32 = 1;
    type Answer = Said;
}
