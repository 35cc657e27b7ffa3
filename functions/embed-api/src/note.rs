//! Notes that agents write in the inbox.

use super::read::texts;
use common::context::Context;
use common::http::{Error, Response};
use common::ids::ConversationId;
use common::json::writer::JsonWriter;
use inbox::scope::conversation_id;
use messaging::conversations::{NewNote, checked_note, note_add, note_find};

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
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub conversation_id: ConversationId,
    /// The note, 1 to 10000 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10_000)))]
    pub content: String,
}

impl NoteRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 where a field is missing, for an empty note or one too long; 404
    /// for what can be no conversation's id.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let [conversation, content] = texts(body, ["conversation_id", "content"])?;
        checked_note("content", &content)?;
        Ok(Self {
            conversation_id: conversation_id(&conversation)?,
            content,
        })
    }
}

/// Adds a private note to a conversation: `{note}`. Neither the customer nor a webhook gets it. `recall` is
/// the note of an earlier request with the same `Idempotency-Key`.
///
/// # Errors
/// 404 for a conversation that the caller may not see.
pub async fn inbox_note(
    cx: &Context<'_>,
    request: &NoteRequest,
    recall: Option<&str>,
) -> Result<Response, Error> {
    let agent = cx.caller.agent.as_ref();
    let note = NewNote {
        conversation_id: &request.conversation_id,
        author_id: agent.map(|agent| agent.id.as_str()),
        author: Some(agent.map_or(SOMEBODY, |agent| agent.name.as_str())),
        content: &request.content,
    };
    let note = match recall {
        Some(id) => note_find(cx, id).await?,
        None => note_add(cx, &note).await?,
    };
    let json = JsonWriter::default()
        .text("id", &note.id)
        .text("author", &note.author)
        .text("content", &note.content)
        .text("created_at", &note.created_at.to_string());
    let json = format!("{{\"note\":{}}}", json.finish());
    Ok(Response::json_text(200, json).recalled_by(note.id))
}
