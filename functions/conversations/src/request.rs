//! What a request changes.

use common::http::Error;
use common::http::input::{Expected, Input, text_or_null, texts};
use common::json::raw;
use messaging::conversations::{ConversationStatus, Priority, StateChange};

/// The request of `PATCH /api-conversations`; absent fields stay as they are.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ConversationChange {
    /// The conversation.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub conversation_id: String,
    /// The status.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub status: Option<ConversationStatus>,
    /// The priority.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub priority: Option<Priority>,
    /// The assignee, at most 200 characters; null for nobody.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>", length(max = MAX_ASSIGNEE_CHARS)))]
    pub assignee: Option<Option<String>>,
    /// All of its tags, at most 50 of 100 characters.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_TAGS)))]
    pub tags: Option<Vec<String>>,
}

/// Longest name of an assignee, in characters.
const MAX_ASSIGNEE_CHARS: usize = 200;
/// Most tags of a conversation.
const MAX_TAGS: usize = 50;
/// Longest tag, in characters.
const MAX_TAG_CHARS: usize = 100;

const FIELDS: [&str; 5] = ["conversation_id", "status", "priority", "assignee", "tags"];

/// What is null, or reads.
fn or_null<T>(json: &str, read: fn(&str) -> Option<T>) -> Option<Option<T>> {
    match json {
        "null" => Some(None),
        json => read(json).map(Some),
    }
}

impl ConversationChange {
    /// Reads a request's body. A status, a priority and tags may be null, which leaves them.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &FIELDS)?;
        let status = input.optional("status", ConversationStatus::EXPECTED, |json| {
            or_null(json, ConversationStatus::read)
        })?;
        let priority = input.optional("priority", Priority::EXPECTED, |json| {
            or_null(json, Priority::read)
        })?;
        let tags = input.optional("tags", Expected::TEXTS, |json| or_null(json, texts))?;
        Ok(Self {
            conversation_id: input.required("conversation_id", Expected::TEXT, raw::text)?,
            status: status.flatten(),
            priority: priority.flatten(),
            assignee: input.optional("assignee", Expected::TEXT_OR_NULL, text_or_null)?,
            tags: tags.flatten(),
        })
    }

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
