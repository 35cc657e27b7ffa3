//! What comes of the model's answer: a text and nothing else.

use common::http::{Error, Kind, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Longest draft, in characters.
pub const MAX_DRAFT: usize = 4_000;
/// What some models think before they answer stands between these.
const THOUGHT: (&str, &str) = ("<think>", "</think>");

/// A draft.
#[derive(Debug)]
pub struct Draft {
    /// The text: never empty, at most [`MAX_DRAFT`] characters.
    pub text: String,
    /// Whether it ends before its end.
    pub is_cut: bool,
    /// Whether the model calls tools beside it. It was given none, and nothing calls them.
    pub calls_tools: bool,
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
        let unusable = || {
            let message = "The server that writes drafts answered without a text. Try again.";
            Error::new(Kind::Unavailable, message).retry_after(2)
        };
        let completion: Completion = serde_json::from_slice(body).map_err(|_| unusable())?;
        let choice = completion.choices.into_iter().next().ok_or_else(unusable)?;
        let Message {
            content,
            refusal,
            tool_calls,
            function_call,
        } = choice.message;
        let text = plain(content.as_deref().unwrap_or_default());
        if text.is_empty() {
            return Err(match refusal {
                Some(words) if !words.trim().is_empty() => {
                    let words: String = plain(&words).chars().take(300).collect();
                    let message = format!("The model declines to write this draft: {words}");
                    Error::new(Kind::ProviderRejected, message)
                }
                _ => unusable(),
            });
        }
        let (text, is_long) = shortened(text);
        Ok(Self {
            is_cut: is_long || choice.finish_reason.as_deref() == Some("length"),
            calls_tools: function_call.is_some()
                || tool_calls.is_some_and(|calls| !calls.is_empty()),
            text,
        })
    }

    /// Takes a secret out of it: a server may repeat the key that it was asked with.
    pub fn hide(&mut self, secret: &str) {
        self.text = self.text.replace(secret, "***");
    }
}

fn shortened(mut text: String) -> (String, bool) {
    let end = text.char_indices().nth(MAX_DRAFT).map(|(end, _)| end);
    if let Some(end) = end {
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
    (text, end.is_some())
}

/// The answer without what was thought before it, without control characters (line ends stay), and without what hides
/// text from people or changes its direction. Joiners stay: scripts and emoji need them.
fn plain(answer: &str) -> String {
    let answer = answer.trim_start();
    let answer = match answer.strip_prefix(THOUGHT.0) {
        None => answer,
        Some(thought) => thought.split_once(THOUGHT.1).map_or("", |(_, said)| said),
    };
    let answer = answer.replace("\r\n", "\n");
    let kept = answer.chars().filter_map(|c| match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    kept.collect::<String>().trim().to_owned()
}
