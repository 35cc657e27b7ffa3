//! What a request changes.

use common::http::Error;
use messaging::conversations::{ConversationStatus, Priority, StateChange};
use serde::{Deserialize, Deserializer};

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
    /// Refuses a change of nothing, or of too much.
    ///
    /// # Errors
    /// 422.
    pub(crate) fn check(&self) -> Result<(), Error> {
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
            let rule = "at_most_50_of_100_characters";
            return Err(Error::invalid("tags", rule, message));
        }
        Ok(())
    }

    /// The requested change of state.
    ///
    /// # Errors
    /// 500 for tags that cannot be written.
    pub(crate) fn state_change(&self) -> Result<StateChange<'_>, Error> {
        let tags = self.tags.as_ref().map(serde_json::to_string);
        Ok(StateChange {
            status: self.status.map(ConversationStatus::as_str),
            priority: self.priority.map(Priority::as_str),
            assignee: self.assignee.as_ref().map(Option::as_deref),
            tags: tags.transpose().map_err(Error::internal)?,
        })
    }
}
