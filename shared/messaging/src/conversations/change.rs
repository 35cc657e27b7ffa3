use super::no_conversation;
use super::sql::{
    ASSIGNEE_CHANGE_EVENT, CONVERSATION_CHANGE, CONVERSATION_FIND, INBOX_CHANGE_EVENT,
    STATUS_CHANGE_EVENT,
};
use common::context::Context;
use common::db::{DbError, Value, text_of};
use common::http::input::Expected;
use common::http::{Error, Kind};
use common::ids::ConversationId;
use common::json::raw;
use common::ports::Queue;
use serde::{Deserialize, Serialize};

/// The status of a conversation (contract.md, Words).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(description = "The status of a conversation.")
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is its name")]
pub enum ConversationStatus {
    Open,
    Pending,
    Snoozed,
    Closed,
}

/// The priority of a conversation (contract.md, Words).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(description = "The priority of a conversation.")
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is its name")]
pub enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

impl Priority {
    const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// What a request's field is.
    pub const EXPECTED: Expected =
        Expected::new("known_priority", "one of `low`, `medium`, `high`, `urgent`");

    /// Reads the contract's word; `None` for another.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|priority| priority.as_str() == word)
    }

    /// Reads a request's field; `None` for what is none.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        Self::parse(&raw::text(json)?)
    }

    /// The contract's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl ConversationStatus {
    const ALL: [Self; 4] = [Self::Open, Self::Pending, Self::Snoozed, Self::Closed];

    /// What a request's field is.
    pub const EXPECTED: Expected = Expected::new(
        "known_status",
        "one of `open`, `pending`, `snoozed`, `closed`",
    );

    /// Reads a request's field; `None` for what is none.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let word = raw::text(json)?;
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.as_str() == word)
    }

    /// As in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
        }
    }
}

/// The changes to a conversation's state. `None` leaves a field unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateChange<'a> {
    /// A word of [`ConversationStatus`].
    pub status: Option<&'a str>,
    /// A word of [`Priority`].
    pub priority: Option<&'a str>,
    /// The assignee, or `None` inside to unassign.
    pub assignee: Option<Option<&'a str>>,
    /// All of its tags: a JSON array of texts.
    pub tags: Option<String>,
}

/// Records how a conversation stood before anybody here knew of it: nobody is told.
///
/// # Errors
/// 503 when the database is away.
pub async fn conversation_record_state(
    cx: &Context<'_>,
    id: &ConversationId,
    state: &StateChange<'_>,
) -> Result<(), Error> {
    let params = vec![
        cx.business_id().into(),
        id.into(),
        state.status.into(),
        state.priority.into(),
        state.tags.as_deref().into(),
        i64::from(state.assignee.is_some()).into(),
        state.assignee.flatten().into(),
        cx.now.micros().into(),
    ];
    cx.db.rows(CONVERSATION_CHANGE.bind(params)).await?;
    Ok(())
}

/// Applies a change of state to a conversation of the business and returns it as JSON. Unchanged fields
/// raise no event.
///
/// # Errors
/// 404; 409 where another conversation of the customer on this account is open already.
pub async fn conversation_apply_state(
    cx: &Context<'_>,
    id: &ConversationId,
    state_change: &StateChange<'_>,
) -> Result<String, Error> {
    // Not the run's: what was written before the conversation is closed reopens none, however late it comes.
    let now = cx.time_now().micros();
    let target = || vec![Value::from(cx.business_id()), id.into()];
    let event = |value: Value| {
        let mut params = target();
        params.extend([value, cx.ids.next().into(), now.into()]);
        params
    };
    let assignee: Value = state_change.assignee.flatten().into();
    let mut statements = vec![STATUS_CHANGE_EVENT.bind(event(state_change.status.into()))];
    if state_change.assignee.is_some() {
        statements.push(ASSIGNEE_CHANGE_EVENT.bind(event(assignee.clone())));
    }
    let mut params = target();
    params.extend([
        state_change.status.into(),
        state_change.priority.into(),
        state_change.tags.as_deref().into(),
        i64::from(state_change.assignee.is_some()).into(),
        assignee,
    ]);
    let mut shown = params.clone();
    shown.extend([cx.ids.next().into(), now.into()]);
    params.push(now.into());
    // First of all, while the row is as it was.
    statements.insert(0, INBOX_CHANGE_EVENT.bind(shown));
    statements.push(CONVERSATION_CHANGE.bind(params));
    statements.push(CONVERSATION_FIND.bind(target()));
    let results = cx.db.batch(statements).await.map_err(|error| match error {
        DbError::Race(_) => {
            let message = "Another conversation with this customer on this account is open.";
            Error::new(Kind::Conflict, message)
        }
        error => error.into(),
    })?;
    let found = results
        .into_iter()
        .next_back()
        .and_then(|rows| rows.into_iter().next());
    let json = text_of(found.ok_or_else(no_conversation)?, "conversation")?;
    cx.wake(Queue::Events, cx.business_id());
    Ok(json)
}
