//! What other functions say in a conversation: what an agent wrote at a CRM, what a customer is told.
//! They call the function that stores messages, since it has all that sending needs.

use common::context::Context;
use common::http::Error;
use common::json::raw::{list, text};

/// The function that says it.
pub const SENDER: &str = "send-message";

/// Something to say in a conversation, once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saying {
    /// The conversation; it names the customer and the account.
    pub conversation_id: String,
    /// The text; may be empty beside attachments.
    pub text: String,
    /// At most ten: our ids, or public https URLs.
    pub attachments: Vec<String>,
    /// What names this saying within the business, for good: said again under the same key, nothing
    /// is sent, and what came of it is told. Such as `kustomer:<their id of the message>`.
    pub key: String,
    /// Who says it, by id and name, as readers are told.
    pub author: Option<(String, String)>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is stored, and sent or to be sent.
    Message {
        /// Our id of the message; of several the first.
        id: String,
        /// `queued`, `sent`, `uncertain`; where it was said before, also what it came to since.
        status: String,
        /// The ids of the others, where the channel takes it in several.
        others: Vec<String>,
    },
    /// It was not sent, and will not be.
    Refused {
        /// Why, as in an error: `outside_window`, `opted_out`, `provider_rejected`, `not_found`, …
        code: String,
        /// A sentence for people.
        message: String,
        /// Our id of the message, where it came to be one: the provider refused it.
        message_id: Option<String>,
    },
}

/// Says something in a conversation of the business. Whatever fails in between, it may be said again
/// under the same key.
///
/// # Errors
/// 503 where the function or its database does not answer: nobody knows whether it was said.
pub async fn say(cx: &Context<'_>, saying: &Saying) -> Result<Said, Error> {
    let (id, name) = match &saying.author {
        Some((id, name)) => (Some(id.as_str()), Some(name.as_str())),
        None => (None, None),
    };
    let mut texts = vec![
        Some(cx.business_id()),
        Some(&saying.conversation_id),
        Some(&saying.text),
        Some(&saying.key),
        id,
        name,
    ];
    texts.extend(saying.attachments.iter().map(|one| Some(one.as_str())));
    let body = serde_json::to_vec(&texts).map_err(Error::internal)?;
    let answered = cx.outside.services.call(SENDER, "say", &body).await?;
    if answered.status != 200 {
        let status = answered.status;
        return Err(Error::unavailable(format!("{SENDER}: status {status}")));
    }
    let told = std::str::from_utf8(&answered.body).ok();
    let told = told.and_then(Said::from_texts);
    told.ok_or_else(|| Error::internal("what came of a saying is unreadable"))
}

impl Saying {
    /// Reads what [`say`] sends; the business first.
    #[must_use]
    pub fn from_texts(body: &[u8]) -> Option<(String, Self)> {
        let texts = list(std::str::from_utf8(body).ok()?)?;
        let mut texts = texts.into_iter().map(text);
        let mut next = || texts.next().flatten();
        let business_id = next()?;
        let (conversation_id, text, key) = (next()?, next()?, next()?);
        let author = match (next(), next()) {
            (Some(id), Some(name)) => Some((id, name)),
            _ => None,
        };
        let saying = Self {
            conversation_id,
            text,
            attachments: texts.collect::<Option<_>>()?,
            key,
            author,
        };
        Some((business_id, saying))
    }
}

impl Said {
    /// As [`say`] reads it.
    ///
    /// # Errors
    /// 500 for what cannot be JSON.
    pub fn to_texts(&self) -> Result<String, Error> {
        let texts = match self {
            Self::Message { id, status, others } => {
                let first = [id, status].into_iter().chain(others);
                first.map(|text| Some(text.as_str())).collect()
            }
            Self::Refused {
                code,
                message,
                message_id,
            } => vec![message_id.as_deref(), None, Some(code), Some(message)],
        };
        serde_json::to_string(&texts).map_err(Error::internal)
    }

    fn from_texts(json: &str) -> Option<Self> {
        let mut texts = list(json)?.into_iter().map(text);
        let mut next = || texts.next().flatten();
        match (next(), next()) {
            (Some(id), Some(status)) => Some(Self::Message {
                id,
                status,
                others: texts.flatten().collect(),
            }),
            (message_id, _) => Some(Self::Refused {
                code: next()?,
                message: next()?,
                message_id,
            }),
        }
    }
}
