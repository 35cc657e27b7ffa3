use super::read::texts;
use super::sql::{NOTE_EVENT, NOTE_INSERT};
use super::{CHANGED, bound, conversation_id, no_conversation};
use crate::context::Context;
use crate::db::Value;
use crate::http::Error;
use crate::json::written::Written;

/// Longest note, in characters.
const MAX_NOTE_CHARS: usize = 10_000;
/// Who wrote a note, where the token does not say who sits there.
const SOMEBODY: &str = "Agent";

/// What `POST /embed/api/notes` asks for.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct NoteRequest {
    /// The conversation.
    pub conversation_id: String,
    /// The note, 1 to 10000 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NOTE_CHARS)))]
    pub content: String,
}

impl NoteRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for what is no JSON; 422 where a field is missing, for an empty note or one too long.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let [conversation_id, content] = texts(body, ["conversation_id", "content"])?;
        let is_short = content.chars().count() <= MAX_NOTE_CHARS;
        if content.trim().is_empty() || !is_short {
            let message = format!("`content` must have 1 to {MAX_NOTE_CHARS} characters.");
            return Err(Error::invalid("content", "1_to_10000_characters", message));
        }
        Ok(Self {
            conversation_id,
            content,
        })
    }
}

/// Notes something about a conversation, for the business's own people: `{note}`. No customer and no
/// webhook is told.
///
/// # Errors
/// 404 for a conversation that the caller may not see.
pub async fn inbox_note(cx: &Context<'_>, request: &NoteRequest) -> Result<String, Error> {
    let conversation = conversation_id(&request.conversation_id)?;
    let target = || {
        vec![
            cx.business_id().into(),
            conversation.as_str().into(),
            bound(cx),
        ]
    };
    let agent = cx.caller.agent.as_ref();
    let author = agent.map_or(SOMEBODY, |agent| agent.name.as_str());
    let (id, now) = (cx.ids.next(), Value::from(cx.now.micros()));
    let mut event = target();
    event.extend([cx.ids.next().into(), CHANGED.into(), now.clone()]);
    let mut note = target();
    note.extend([
        id.as_str().into(),
        agent.map(|agent| agent.id.as_str()).into(),
        author.into(),
        request.content.as_str().into(),
        now,
    ]);
    let results = cx
        .db
        .batch(vec![NOTE_EVENT.bind(event), NOTE_INSERT.bind(note)]);
    let stored = results.await?.pop().unwrap_or_default();
    if stored.is_empty() {
        return Err(no_conversation());
    }
    let note = Written::default()
        .text("id", &id)
        .text("author", author)
        .text("content", &request.content)
        .text("created_at", &cx.now.to_string());
    Ok(format!("{{\"note\":{}}}", note.finish()))
}
