use super::sql::{
    ASSIGNEE_CHANGE_EVENT, CONVERSATION_CHANGE, CONVERSATION_FIND, CONVERSATION_OF_CUSTOMER,
    INBOX_CHANGE_EVENT, STATUS_CHANGE_EVENT,
};
use common::context::Context;
use common::db::{DbError, Value};
use common::http::{Error, Kind};
use common::ids::is_id;
use common::outside::Queue;
use serde::{Deserialize, Deserializer, Serialize};

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

/// The request of `PATCH /api-conversations`; absent fields stay as they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationChange {
    /// The conversation.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub conversation_id: String,
    /// The status.
    #[serde(default)]
    pub status: Option<ConversationStatus>,
    /// The priority.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// The assignee, at most 200 characters; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(max = MAX_ASSIGNEE_CHARS)))]
    pub assignee: Option<Option<String>>,
    /// All of its tags, at most 50 of 100 characters.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TAGS)))]
    pub tags: Option<Vec<String>>,
}

/// Longest name of an assignee, in characters.
const MAX_ASSIGNEE_CHARS: usize = 200;
/// Most tags of a conversation.
const MAX_TAGS: usize = 50;
/// Longest tag, in characters.
const MAX_TAG_CHARS: usize = 100;

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ConversationChange {
    fn check(&self) -> Result<(), Error> {
        if self.status.is_none()
            && self.priority.is_none()
            && self.assignee.is_none()
            && self.tags.is_none()
        {
            let message = "Say what to change: `status`, `priority`, `assignee` or `tags`.";
            return Err(Error::invalid("body", "at_least_1", message));
        }
        let assignee = self.assignee.as_ref().and_then(Option::as_deref);
        if assignee.is_some_and(|name| !(1..=MAX_ASSIGNEE_CHARS).contains(&name.chars().count())) {
            let message = "`assignee` must have 1 to 200 characters, or be null.";
            return Err(Error::invalid("assignee", "1_to_200_characters", message));
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MAX_TAGS || tags.iter().any(|tag| tag.chars().count() > MAX_TAG_CHARS) {
            let message = "A conversation has at most 50 tags of at most 100 characters.";
            return Err(Error::invalid(
                "tags",
                "at_most_50_of_100_characters",
                message,
            ));
        }
        Ok(())
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

/// Changes a conversation; gives `{success, conversation}`. What stays as it was raises no event.
///
/// # Errors
/// 422 for a change of nothing or too much, 404, 409 where another conversation of the customer on
/// this account is open already.
pub async fn conversation_change(
    cx: &Context<'_>,
    change: ConversationChange,
) -> Result<String, Error> {
    change.check()?;
    if !is_id(&change.conversation_id) {
        return Err(not_found());
    }
    let id = change.conversation_id.to_ascii_lowercase();
    // Whose it is never changes, so that this may be read before.
    if let Some(customer_id) = cx.caller.customer_id.as_deref() {
        let params = vec![
            cx.business_id().into(),
            id.as_str().into(),
            customer_id.into(),
        ];
        let own = cx.db.rows(CONVERSATION_OF_CUSTOMER.bind(params)).await?;
        if own.is_empty() {
            return Err(not_found());
        }
    }
    let tags = change.tags.as_ref().map(serde_json::to_string);
    let standing = Standing {
        status: change.status.map(ConversationStatus::as_str),
        priority: change.priority.map(Priority::as_str),
        assignee: change.assignee.as_ref().map(Option::as_deref),
        tags: tags.transpose().map_err(Error::internal)?,
    };
    let json = conversation_stand(cx, &id, &standing).await?;
    Ok(format!("{{\"success\":true,\"conversation\":{json}}}"))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such conversation.")
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
    let json = found.and_then(|row| row.into_iter().next()?.into_text());
    let json = json.ok_or_else(not_found)?;
    cx.wake(Queue::Events, cx.business_id());
    Ok(json)
}
