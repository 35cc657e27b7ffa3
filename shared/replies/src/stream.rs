//! A draft that is read while the model writes it.

use crate::draft::{Draft, Ending};
use crate::model::{broke_off, too_large};
use crate::plain::PlainText;
use crate::sse::{Reader, Told, TooLarge};
use common::http::{BodyStream, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The most bytes of an answer: a draft of 4000 characters, what a model thinks before it, and the object around it. In a
/// stream, that of one event, and of all texts.
pub(crate) const MAX_BYTES: usize = 256 * 1024;
/// The most bytes of a stream: some 300 stand around a few letters, and more where a server pads events
/// (`include_obfuscation`).
const MAX_STREAM_BYTES: usize = 16 * MAX_BYTES;
/// How much of why a model declines is kept, in bytes.
const MAX_REFUSAL_BYTES: usize = 4 * 1024;
/// What stands behind the last chunk.
const DONE: &[u8] = b"[DONE]";

/// A draft as it comes.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// More of its text, never empty. All of them together are the text of the draft.
    Text(String),
    /// All of it.
    End(Draft),
}

/// Reads the answer to a request with `stream`. A server that does not know it and answers whole gives one piece.
pub struct DraftStream {
    /// None once nothing more is read.
    body: Option<Box<dyn BodyStream>>,
    form: Form,
    bytes: usize,
    answer: Answer,
    /// What is given next, and the last.
    end: Option<Result<Draft>>,
    secrets: Vec<String>,
}

/// What a body is, whatever its type says: JSON begins with a brace, as no event does.
enum Form {
    /// Nothing came yet but spaces.
    Unknown,
    Whole(Vec<u8>),
    Events(Reader),
}

/// What the chunks said until now.
struct Answer {
    plain: PlainText,
    text: String,
    content_bytes: usize,
    refusal: String,
    ending: Ending,
    is_finished: bool,
    is_done: bool,
}

/// The parts of a chunk that count (completions.md §1). Errors stand in the place of chunks.
#[derive(Deserialize)]
struct Chunk {
    // Null where a chunk tells the usage alone (completions.md §2).
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    function_call: Option<IgnoredAny>,
}

impl DraftStream {
    pub(crate) fn of(body: Box<dyn BodyStream>, secrets: Vec<String>) -> Self {
        let plain = PlainText::new(secrets.first().map(String::as_str));
        Self {
            body: Some(body),
            form: Form::Unknown,
            bytes: 0,
            answer: Answer {
                plain,
                text: String::new(),
                content_bytes: 0,
                refusal: String::new(),
                ending: Ending::default(),
                is_finished: false,
                is_done: false,
            },
            end: None,
            secrets,
        }
    }

    /// The next piece; `None` behind the end, and behind an error.
    ///
    /// # Errors
    /// As [`Draft::of`], 503 where the stream breaks off, is too slow or tells an error, 422 `provider_rejected` where it
    /// is too large.
    pub async fn next(&mut self) -> Result<Option<Piece>> {
        loop {
            if let Some(end) = self.end.take() {
                return end.map(|draft| Some(Piece::End(draft)));
            }
            let Some(body) = &mut self.body else {
                return Ok(None);
            };
            let mut text = String::new();
            let read = match body.next().await {
                Some(Ok(bytes)) => self.take(&bytes, &mut text),
                Some(Err(_)) => Err(broke_off(None)),
                None => self.ended(&mut text),
            };
            if let Err(error) = read {
                self.end = Some(Err(error));
            }
            if self.end.is_some() {
                // Hangs up.
                self.body = None;
            }
            if !text.is_empty() {
                return Ok(Some(Piece::Text(text)));
            }
        }
    }

    /// Adds to the text what is sure of it with this piece of the body.
    fn take(&mut self, mut piece: &[u8], text: &mut String) -> Result<()> {
        self.bytes += piece.len();
        if self.bytes > MAX_STREAM_BYTES {
            return Err(too_large());
        }
        if matches!(self.form, Form::Unknown) {
            piece = piece.trim_ascii_start();
            match piece.first() {
                None => return Ok(()),
                Some(b'{') => self.form = Form::Whole(Vec::new()),
                Some(_) => self.form = Form::Events(Reader::new(MAX_BYTES)),
            }
        }
        match &mut self.form {
            Form::Unknown => {}
            Form::Whole(body) if body.len() + piece.len() > MAX_BYTES => return Err(too_large()),
            Form::Whole(body) => body.extend_from_slice(piece),
            Form::Events(events) => {
                let pushed = events.push(piece);
                self.told(text)?;
                if self.end.is_none() {
                    pushed.map_err(|TooLarge| too_large())?;
                }
            }
        }
        Ok(())
    }

    /// Adds what the events say that came to their end.
    fn told(&mut self, text: &mut String) -> Result<()> {
        while let Form::Events(events) = &mut self.form
            && !self.answer.is_over()
            && let Some(told) = events.pop()
        {
            self.answer.hear(&told, &self.secrets, text)?;
        }
        if self.answer.is_over() {
            self.finish(text);
        }
        Ok(())
    }

    /// Adds what is left to say where the body ends.
    fn ended(&mut self, text: &mut String) -> Result<()> {
        match &mut self.form {
            Form::Unknown => Err(Draft::missing()),
            Form::Whole(body) => {
                let mut draft = Draft::of(body)?;
                for secret in &self.secrets {
                    draft.hide(secret);
                }
                text.push_str(&draft.text);
                self.end = Some(Ok(draft));
                Ok(())
            }
            Form::Events(events) => {
                events.end();
                self.told(text)?;
                if self.end.is_none() {
                    // Not every server sends what is to stand at the end.
                    if !self.answer.is_finished {
                        return Err(broke_off(None));
                    }
                    self.finish(text);
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self, text: &mut String) {
        let answer = &mut self.answer;
        let rest = answer.plain.end();
        text.push_str(&rest);
        answer.text.push_str(&rest);
        let mut ending = std::mem::take(&mut answer.ending);
        ending.is_cut |= answer.plain.is_long();
        let said = std::mem::take(&mut answer.text);
        self.end = Some(Draft::ending(said, ending, &answer.refusal));
    }
}

impl Answer {
    /// Whether what may still come is of no use.
    const fn is_over(&self) -> bool {
        self.is_done || self.plain.is_long()
    }

    /// Adds to the text what a chunk says.
    fn hear(&mut self, told: &Told, secrets: &[String], text: &mut String) -> Result<()> {
        if told.data.trim_ascii() == DONE {
            self.is_done = true;
            return Ok(());
        }
        let refused = || broke_off(Some((&told.data, secrets)));
        if told.is_error {
            return Err(refused());
        }
        let chunk: Chunk = serde_json::from_slice(&told.data).map_err(|_| broke_off(None))?;
        if chunk.error.is_some() {
            return Err(refused());
        }
        let mut choices = chunk.choices.into_iter().flatten();
        let Some(choice) = choices.find(|choice| choice.index == 0) else {
            return Ok(());
        };
        if let Some(reason) = choice.finish_reason {
            self.is_finished = true;
            self.ending.is_cut |= reason == "length";
        }
        let Some(delta) = choice.delta else {
            return Ok(());
        };
        self.ending.calls_tools |= delta.function_call.is_some()
            || delta.tool_calls.is_some_and(|calls| !calls.is_empty());
        if let Some(words) = delta.refusal
            && self.refusal.len() + words.len() <= MAX_REFUSAL_BYTES
        {
            self.refusal.push_str(&words);
        }
        self.say(&delta.content.unwrap_or_default(), text)
    }

    fn say(&mut self, content: &str, text: &mut String) -> Result<()> {
        self.content_bytes += content.len();
        if self.content_bytes > MAX_BYTES {
            return Err(too_large());
        }
        let sure = self.plain.push(content);
        self.text.push_str(&sure);
        text.push_str(&sure);
        Ok(())
    }
}
