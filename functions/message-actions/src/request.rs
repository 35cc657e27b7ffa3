//! What is asked to be done to a comment.

use channels_meta::comments::actions::Action;
use common::http::{Error, Kind, json_error};
use common::ids::MessageId;
use common::json::raw::{checked_object, text};

/// Longest private reply, in characters: that of a message of Messenger's (channels.md §3.2).
const MAX_REPLY_CHARS: usize = 2000;

/// What `POST /api/dashboard/messages/{id}/private-reply` says.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct PrivateReplyRequest {
    /// The text, 1 to 2000 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_REPLY_CHARS)))]
    pub text: String,
}

impl PrivateReplyRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape or a text that is empty or too long.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let [given] = texts(body, ["text"])?;
        Ok(Self {
            text: reply_text(given)?,
        })
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A message that whoever wrote the comment alone gets.
    Reply(String),
    /// Something that Meta does to the comment.
    Action(Action),
}

/// What `POST /embed/api/comments` says.
#[derive(Debug)]
pub struct InboxCommentRequest {
    /// The comment.
    pub message_id: MessageId,
    /// What is to be done to it: `private_reply`, `hide`, `unhide` or `delete`.
    pub asked: Asked,
}

impl InboxCommentRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for an unknown action, or a text where there is none to be, 404 for what can
    /// be no id.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let [message, action, words] = texts(body, ["message_id", "action", "text"])?;
        let action = action.unwrap_or_default();
        let of_meta = match action.as_str() {
            "private_reply" => None,
            "hide" => Some(Action::Hide),
            "unhide" => Some(Action::Unhide),
            "delete" => Some(Action::Delete),
            _ => {
                let message = "`action` must be private_reply, hide, unhide or delete.";
                return Err(Error::invalid("action", "known_action", message));
            }
        };
        let asked = match of_meta {
            None => Asked::Reply(reply_text(words)?),
            Some(action) if words.is_none() => Asked::Action(action),
            Some(_) => {
                let message = "Only a private reply has a `text`.";
                return Err(Error::invalid("text", "of_private_reply", message));
            }
        };
        Ok(Self {
            message_id: message_id(&message.unwrap_or_default())?,
            asked,
        })
    }
}

/// A message's id as a caller gives it.
pub(crate) fn message_id(given: &str) -> Result<MessageId, Error> {
    MessageId::parse(given).ok_or_else(no_message)
}

/// 404 for a message that is not there for the caller.
pub(crate) fn no_message() -> Error {
    Error::new(Kind::NotFound, "There is no such message.")
}

fn reply_text(given: Option<String>) -> Result<String, Error> {
    let text = given.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Error::invalid("text", "required", "`text` is empty."))?;
    if text.chars().count() > MAX_REPLY_CHARS {
        let message = "A private reply has at most 2000 characters.";
        return Err(Error::invalid("text", "at_most_2000_characters", message));
    }
    Ok(text)
}

/// The texts of a small body, which has nothing else.
fn texts<const N: usize>(
    body: &str,
    names: [&'static str; N],
) -> Result<[Option<String>; N], Error> {
    let fields = checked_object(body).map_err(|error| json_error(&error))?;
    let fields =
        fields.ok_or_else(|| Error::invalid("body", "object", "The body must be an object."))?;
    if let Some((name, _)) = fields.iter().find(|(name, _)| !names.contains(name)) {
        let name: String = name.chars().take(64).collect();
        let message = format!("There is no field `{name}` here.");
        return Err(Error::invalid(name, "unknown", message));
    }
    let mut texts = names.map(|_| None);
    for (slot, name) in texts.iter_mut().zip(names) {
        let Some(value) = fields.get(name).filter(|value| **value != "null") else {
            continue;
        };
        let given = text(value);
        let given = given.ok_or_else(|| {
            let message = format!("`{name}` must be a text.");
            Error::invalid(name, "text", message)
        })?;
        *slot = Some(given);
    }
    Ok(texts)
}
