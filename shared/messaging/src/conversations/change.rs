use super::no_conversation;
use super::sql::{
    ASSIGNEE_CHANGE_EVENT, CONVERSATION_CHANGE, CONVERSATION_FIND, INBOX_CHANGE_EVENT,
    STATUS_CHANGE_EVENT,
};
use common::context::Context;
use common::db::{DbError, Value, text_of};
use common::http::{Error, Kind};
use common::outside::Queue;
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

    /// Reads the contract's word; `None` for another.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|priority| priority.as_str() == word)
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
    /// As it is stored and told.
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

/// How a conversation is to stand, each none to keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// A word of [`ConversationStatus`].
    pub status: Option<&'a str>,
    /// A word of [`Priority`].
    pub priority: Option<&'a str>,
    /// Who cares for it, or nobody.
    pub assignee: Option<Option<&'a str>>,
    /// All of its tags: a JSON array of texts.
    pub tags: Option<String>,
}

/// Has a conversation of the business stand so; gives it as JSON. What stays as it was raises no event.
///
/// # Errors
/// 404; 409 where another conversation of the customer on this account is open already.
pub async fn conversation_stand(
    cx: &Context<'_>,
    id: &str,
    standing: &Standing<'_>,
) -> Result<String, Error> {
    let target = || vec![Value::from(cx.business_id()), id.into()];
    let event = |value: Value| {
        let mut params = target();
        params.extend([value, cx.ids.next().into(), cx.now.micros().into()]);
        params
    };
    let assignee: Value = standing.assignee.flatten().into();
    let mut statements = vec![STATUS_CHANGE_EVENT.bind(event(standing.status.into()))];
    if standing.assignee.is_some() {
        statements.push(ASSIGNEE_CHANGE_EVENT.bind(event(assignee.clone())));
    }
    let mut params = target();
    params.extend([
        standing.status.into(),
        standing.priority.into(),
        standing.tags.as_deref().into(),
        i64::from(standing.assignee.is_some()).into(),
        assignee,
    ]);
    let mut shown = params.clone();
    shown.extend([cx.ids.next().into(), cx.now.micros().into()]);
    params.push(cx.now.micros().into());
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
