//! What comes of the model's answer: a text and nothing else.

use crate::plain::{MAX_TEXT, PlainText};
use common::http::{Error, Kind, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Longest draft, in characters.
pub const MAX_DRAFT: usize = MAX_TEXT;

/// A draft.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    /// The text: never empty, at most [`MAX_DRAFT`] characters.
    pub text: String,
    /// Whether it ends before its end.
    pub is_cut: bool,
    /// Whether the model calls tools beside it. It was given none, and nothing calls them.
    pub calls_tools: bool,
}

/// How an answer ends.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    pub(crate) is_cut: bool,
    pub(crate) calls_tools: bool,
}

/// The parts of a completion that count (CreateChatCompletionResponse of OpenAI's description of its API).
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    function_call: Option<IgnoredAny>,
}

impl Draft {
    /// Reads a completion.
    ///
    /// # Errors
    /// 422 `provider_rejected` where the model declines, 503 for an answer without a text.
    pub fn of(body: &[u8]) -> Result<Self> {
        let completion: Completion = serde_json::from_slice(body).map_err(|_| Self::missing())?;
        let choice = completion.choices.into_iter().next();
        let choice = choice.ok_or_else(Self::missing)?;
        let Message {
            content,
            refusal,
            tool_calls,
            function_call,
        } = choice.message;
        let (text, is_long) = PlainText::whole(content.as_deref().unwrap_or_default());
        let ending = Ending {
            is_cut: is_long || choice.finish_reason.as_deref() == Some("length"),
            calls_tools: function_call.is_some()
                || tool_calls.is_some_and(|calls| !calls.is_empty()),
        };
        Self::ending(text, ending, refusal.as_deref().unwrap_or_default())
    }

    /// The draft of this text, or why there is none.
    pub(crate) fn ending(text: String, ending: Ending, refusal: &str) -> Result<Self> {
        if !text.is_empty() {
            return Ok(Self {
                text,
                is_cut: ending.is_cut,
                calls_tools: ending.calls_tools,
            });
        }
        if refusal.trim().is_empty() {
            return Err(Self::missing());
        }
        let words: String = PlainText::whole(refusal).0.chars().take(300).collect();
        let message = format!("The model declines to write this draft: {words}");
        Err(Error::new(Kind::ProviderRejected, message))
    }

    /// Why there is no draft where there is no text.
    pub(crate) fn missing() -> Error {
        let message = "The server that writes drafts answered without a text. Try again.";
        Error::new(Kind::Unavailable, message).retry_after(2)
    }

    /// Takes a secret out of it: a server may repeat the key that it was asked with.
    pub fn hide(&mut self, secret: &str) {
        self.text = self.text.replace(secret, "***");
    }
}
