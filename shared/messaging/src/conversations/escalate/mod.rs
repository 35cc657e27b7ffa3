//! Escalation hands a conversation to people. It opens the conversation, raises its priority, emits
//! `conversation.escalated`, and notifies the customer with a message.

mod request;
pub mod sql;

use super::change::Priority;
use super::no_conversation;
use super::sql::CONVERSATION_FIND;
use crate::messages::send::{OutboundReply, SendResult, send_reply};
use common::context::Context;
use common::db::{Columns, DbError, Rows, Statement, Value, next_rows, text_of};
use common::events::CONVERSATION_ESCALATED;
use common::http::{Error, Kind, Response};
use common::ids::{ConversationId, Ids};
use common::json::raw::part;
use common::json::writer::{JsonWriter, quoted};
use common::ports::Queue;
use common::time::{SECOND, Timestamp};
use sql::{
    ESCALATION_EVENT, ESCALATION_FIND, ESCALATION_GET, ESCALATION_INSERT, ESCALATION_MESSAGE,
    ESCALATION_NOTE, ESCALATION_RAISE, ESCALATION_STATUS_EVENT,
};

/// The default notice to customers.
pub const NOTICE: &str = "Thank you. A colleague will take over this conversation shortly.";
/// How long an escalation of an open conversation covers further requests.
const COUNTS_MICROS: i64 = 600 * SECOND;

/// The request of `POST /api-escalate`.
#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename = "Escalating")
)]
pub struct EscalationRequest {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Why, for the people who take over.
    #[cfg_attr(feature = "schema", schemars(length(max = request::MAX_REASON_CHARS)))]
    pub reason: Option<String>,
    /// The least priority: a conversation with a higher one keeps it.
    #[cfg_attr(feature = "schema", schemars(default = "high"))]
    pub priority: Priority,
    /// The CRM's id of the team that takes over; by default, the connector's settings decide.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = request::MAX_TEAM_CHARS)))]
    pub team_id: Option<String>,
    /// A note for those who take over.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10_000)))]
    pub note: Option<String>,
    /// Whether to notify the customer.
    #[cfg_attr(feature = "schema", schemars(default = "yes"))]
    pub notify: bool,
}

#[cfg(feature = "schema")]
fn high() -> Priority {
    Priority::High
}

#[cfg(feature = "schema")]
fn yes() -> bool {
    true
}

/// Who asks for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A caller of the API.
    Api,
    /// The customer, in a message that came then.
    Trigger(Timestamp),
    /// Whoever replies by itself, and has no reply to a message that came then.
    AutoReply(Timestamp),
}

impl Source {
    /// As in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Trigger(_) => "phrase",
            Self::AutoReply(_) => "auto_reply",
        }
    }
}

/// An escalation, new or still counting.
#[derive(Debug)]
pub struct Escalated {
    /// Its id.
    pub id: String,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Whether it was there already, so that nothing was raised.
    pub is_repeated: bool,
    /// As the API shows it.
    escalation: String,
    conversation: String,
    notice: String,
}

/// What telling the customer came to.
#[derive(Debug)]
pub enum Notice {
    /// The notice was sent or is queued.
    Given,
    /// They cannot be: a code and a sentence.
    Refused(String, String),
    /// Nobody knows; telling them again does no harm.
    Failed(Error),
}

/// Escalates a conversation and notifies the customer; returns the response of `POST /api-escalate`.
/// `recall` is what an earlier request with the same `Idempotency-Key` left: nothing is raised then, and the
/// customer is not notified twice.
///
/// # Errors
/// As [`escalate`]. A notice that could not be sent is not an error.
pub async fn conversation_escalate(
    cx: &Context<'_>,
    request: &EscalationRequest,
    recall: Option<&str>,
) -> Result<Response, Error> {
    let escalated = match recall {
        Some(recall) => recalled(cx, request, recall).await?,
        None => escalate(cx, request, Source::Api).await?,
    };
    let notice = match request.notify {
        true => Some(notice_give(cx, &escalated).await),
        false => None,
    };
    let is_given = matches!(notice, Some(Notice::Given));
    let bool = |is: bool| if is { "true" } else { "false" };
    let json = JsonWriter::default()
        .json("success", "true")
        .json("escalation", &escalated.escalation)
        .json("conversation", &escalated.conversation)
        .json("repeated", bool(escalated.is_repeated))
        .json("customer_notified", bool(is_given));
    let error = |code: &str, message: &str| {
        let error = JsonWriter::default().text("code", code);
        error.text("message", message).finish()
    };
    let json = match &notice {
        None | Some(Notice::Given) => json,
        Some(Notice::Refused(code, message)) => json.json("notice_error", &error(code, message)),
        Some(Notice::Failed(failure)) => {
            if let Some(cause) = failure.cause() {
                cx.note(cause);
            }
            json.json("notice_error", &error(failure.code(), failure.message()))
        }
    };
    let recall = recall_of(&escalated);
    Ok(Response::json_text(200, json.finish()).recalled_by(recall))
}

/// What of a conversation people write, which its row tells again.
const WRITTEN: [&str; 2] = ["tags", "assignee"];

/// What makes the answer again: `<whether it was repeated> <id> <the conversation then, without texts>`.
fn recall_of(escalated: &Escalated) -> String {
    let conversation = part(&escalated.conversation);
    let kept = conversation
        .iter()
        .filter(|(name, _)| !WRITTEN.contains(name));
    let is_repeated = u8::from(escalated.is_repeated);
    format!("{is_repeated} {} {}", escalated.id, fields(kept))
}

/// An object of these fields, as JSON.
fn fields<'f>(fields: impl Iterator<Item = (&'f str, &'f &'f str)>) -> String {
    let fields: Vec<_> = fields
        .map(|(name, value)| [&quoted(name), ":", value].concat())
        .collect();
    ["{", &fields.join(","), "}"].concat()
}

/// The escalation of an earlier request.
async fn recalled(
    cx: &Context<'_>,
    request: &EscalationRequest,
    recall: &str,
) -> Result<Escalated, Error> {
    let mut parts = recall.splitn(3, ' ');
    let mut next = || parts.next().unwrap_or_default();
    let (is_repeated, id, kept) = (next(), next(), next());
    let conversation_id = &request.conversation_id;
    let get = vec![cx.business_id().into(), conversation_id.into(), id.into()];
    let statements = with_conversation(cx, ESCALATION_GET.bind(get), conversation_id);
    let results = cx.db.batch(statements.into()).await?;
    let mut escalated = escalated_of(results, conversation_id, id)?;
    escalated.is_repeated = is_repeated == "1";
    let (now, kept) = (part(&escalated.conversation), part(kept));
    let then = now
        .iter()
        .map(|(name, value)| (name, kept.get(name).unwrap_or(value)));
    escalated.conversation = fields(then);
    Ok(escalated)
}

/// Escalates a conversation in one transaction, without notifying the customer. If an earlier escalation
/// still counts, that one is returned.
///
/// # Errors
/// 404 for an unknown conversation, and where the customer's request was already handled; 409 where
/// another open conversation prevents reopening it.
pub async fn escalate(
    cx: &Context<'_>,
    request: &EscalationRequest,
    source: Source,
) -> Result<Escalated, Error> {
    escalate_and(cx, request, source, None).await
}

/// As [`escalate`], with something else in the same transaction.
///
/// # Errors
/// As [`escalate`].
pub async fn escalate_and(
    cx: &Context<'_>,
    request: &EscalationRequest,
    source: Source,
    also: Option<Statement>,
) -> Result<Escalated, Error> {
    let id = cx.ids.next();
    let mut statements: Vec<_> = also.into_iter().collect();
    statements.extend(raised(cx, request, source, &id));
    statements.extend(found(cx, source, &request.conversation_id));
    let results = cx.db.batch(statements).await.map_err(|error| match error {
        DbError::Race(_) => {
            let message = "Another conversation with this customer on this account is open.";
            Error::new(Kind::Conflict, message)
        }
        error => error.into(),
    })?;
    cx.wake(Queue::Events, cx.business_id());
    escalated_of(results, &request.conversation_id, &id)
}

/// Reads what [`with_conversation`] gives. `id` is that of the escalation where it is new.
fn escalated_of(
    results: Vec<Rows>,
    conversation_id: &ConversationId,
    id: &str,
) -> Result<Escalated, Error> {
    let mut last = results.into_iter().rev();
    let mut next = || Ok::<_, Error>(next_rows(&mut last)?.into_iter().next());
    let (notice, conversation, escalation) = (next()?, next()?, next()?);
    let conversation = text_of(conversation.ok_or_else(no_conversation)?, "conversation")?;
    let escalation = escalation.ok_or_else(no_conversation)?;
    let mut columns = Columns::of(&escalation);
    let (found_id, escalation) = (columns.text("id")?, columns.text("escalation")?);
    let notice = match &notice {
        Some(row) => Columns::of(row).text_or_null("message")?,
        None => None,
    };
    Ok(Escalated {
        is_repeated: found_id != id,
        id: found_id,
        conversation_id: conversation_id.clone(),
        escalation,
        conversation,
        notice: notice.unwrap_or_else(|| NOTICE.to_owned()),
    })
}

/// After when an escalation still counts.
fn counts_since(cx: &Context<'_>) -> Timestamp {
    cx.now.plus(-COUNTS_MICROS)
}

/// Everything that is new, each depending on the first: whether there is such an escalation.
fn raised(
    cx: &Context<'_>,
    request: &EscalationRequest,
    source: Source,
    id: &str,
) -> Vec<Statement> {
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let priority = request.priority.as_str();
    let note_id = request.note.as_ref().map(|_| cx.ids.next());
    let asked_at = match source {
        Source::Api => None,
        Source::Trigger(at) | Source::AutoReply(at) => Some(at.micros()),
    };
    let mut statements = vec![ESCALATION_INSERT.bind(vec![
        business(),
        (&request.conversation_id).into(),
        id.into(),
        source.as_str().into(),
        request.reason.as_deref().into(),
        priority.into(),
        request.team_id.as_deref().into(),
        note_id.into(),
        now(),
        counts_since(cx).micros().into(),
        asked_at.into(),
    ])];
    if let Some(note) = request.note.as_deref() {
        let key = cx.caller.key_id.as_str();
        let note = vec![business(), id.into(), note.into(), key.into()];
        statements.push(ESCALATION_NOTE.bind(note));
    }
    let ids = Ids::new(cx.now, cx.entropy);
    let event = || vec![business(), id.into(), ids.next().into(), now()];
    statements.push(ESCALATION_STATUS_EVENT.bind(event()));
    let mut escalated = event();
    escalated.push(CONVERSATION_ESCALATED.as_str().into());
    statements.push(ESCALATION_EVENT.bind(escalated));
    let raise = vec![business(), id.into(), priority.into(), now()];
    statements.push(ESCALATION_RAISE.bind(raise));
    statements
}

/// What there is now: the escalation that counts, the conversation, what its customer is told.
fn found(cx: &Context<'_>, source: Source, conversation_id: &ConversationId) -> [Statement; 3] {
    let since = counts_since(cx).plus(1);
    let since = match source {
        Source::Api => since,
        Source::Trigger(at) | Source::AutoReply(at) => since.min(at),
    };
    let counting = vec![
        cx.business_id().into(),
        conversation_id.into(),
        since.micros().into(),
    ];
    with_conversation(cx, ESCALATION_FIND.bind(counting), conversation_id)
}

/// An escalation with its conversation, and what the customer is told.
fn with_conversation(
    cx: &Context<'_>,
    escalation: Statement,
    conversation_id: &ConversationId,
) -> [Statement; 3] {
    let conversation = vec![cx.business_id().into(), conversation_id.into()];
    [
        escalation,
        CONVERSATION_FIND.bind(conversation),
        ESCALATION_MESSAGE.bind(vec![cx.business_id().into()]),
    ]
}

/// Tells the customer that people take over; once for an escalation, however often it is done.
pub async fn notice_give(cx: &Context<'_>, escalated: &Escalated) -> Notice {
    let key = ["escalation:", &escalated.id].concat();
    let reply = OutboundReply {
        text: escalated.notice.clone(),
        ..OutboundReply::new(escalated.conversation_id.clone(), key)
    };
    match send_reply(cx, &reply).await {
        Ok(SendResult::Message { .. }) => Notice::Given,
        Ok(SendResult::Refused { code, message, .. }) => Notice::Refused(code, message),
        Err(error) => Notice::Failed(error),
    }
}
