//! What other functions say in a conversation: what an agent wrote at a CRM, what a customer is told.
//! They call the function that stores messages, since it has all that sending needs.

use super::request::{self, SendKey, SendRequest};
use super::sql::SEND_CONVERSATION;
use super::{draft_send, text_of};
use common::context::{Agent, Context};
use common::http::{Error, Kind};
use common::ids::is_id;
use common::json::raw::{list, text};
use common::time::Timestamp;

/// The function that says it.
pub const SENDER: &str = "send-message";

/// What every key of [`Saying`] is stored behind. An `Idempotency-Key` has no space in it, so that none
/// of those can be taken for one of these.
const KEY_PREFIX: &str = "said ";

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
    /// is sent, and what came of it is told. Such as `<connector>:<their id of the message>`.
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

/// Says what [`say`] asks for; what came of it.
///
/// # Errors
/// 400 for what is not of [`say`]; 503 as there.
pub async fn saying_run(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let unreadable = || Error::new(Kind::MalformedJson, "What to say is unreadable.");
    let (business_id, saying) = Saying::from_texts(body).ok_or_else(unreadable)?;
    let mut business = cx.of_business(&business_id);
    business.caller.agent = saying.author.clone().map(|(id, name)| Agent {
        id,
        name,
        email: None,
    });
    let said = said(&business, saying).await;
    cx.wake_also(business.wakes.take());
    if let Some(note) = business.note.take() {
        cx.note.replace(Some(note));
    }
    said?.to_texts()
}

async fn said(cx: &Context<'_>, saying: Saying) -> Result<Said, Error> {
    match saying_send(cx, saying).await {
        Ok(said) => Ok(said),
        Err(error) if error.status() < 500 => Ok(Said::Refused {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            message_id: error.detail("message_id").map(str::to_owned),
        }),
        Err(error) => Err(error),
    }
}

async fn saying_send(cx: &Context<'_>, saying: Saying) -> Result<Said, Error> {
    let missing = || request::missing("conversation_id");
    if !is_id(&saying.conversation_id) {
        return Err(missing());
    }
    let id = saying.conversation_id.to_ascii_lowercase();
    let found = SEND_CONVERSATION.bind(vec![cx.business_id().into(), id.as_str().into()]);
    let found = cx.db.rows(found).await?;
    let conversation = found.first().ok_or_else(missing)?;
    let asked = SendRequest {
        channel: text_of(conversation, 2)?,
        conversation_id: Some(id),
        content: Some(saying.text),
        attachments: Some(saying.attachments),
        ..SendRequest::default()
    };
    let mut draft = request::checked(cx, asked)?;
    // For good: a CRM may tell us of the same reply days later.
    draft.key = Some(SendKey {
        text: [KEY_PREFIX, &saying.key].concat(),
        since: Timestamp::from_micros(0),
    });
    let sent = draft_send(cx, draft).await?;
    let first = sent.message.id;
    let others = sent.messages.into_iter().map(|message| message.id);
    Ok(Said::Message {
        others: others.filter(|id| *id != first).collect(),
        id: first,
        status: sent.message.status,
    })
}

impl Saying {
    fn from_texts(body: &[u8]) -> Option<(String, Self)> {
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
    fn to_texts(&self) -> Result<String, Error> {
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
