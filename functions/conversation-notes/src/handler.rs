use crate::page::page_json;
use crate::request::{NoteAdding, NotesQuery};
use common::Context;
use common::db::next_rows;
use common::http::{Error, Request, Response, Result};
use common::json::writer::JsonWriter;
use messaging::conversations::{NewNote, no_conversation, note_add, note_find};

/// What people of the business say among themselves about a conversation.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "conversation_note_add" => conversation_note_add(cx, &request).await,
        "conversation_notes" => conversation_notes(cx, &request).await,
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// `POST /api-conversation-notes` `{conversation_id, content, author?}` (`conversations:write`)
///
/// 1. Reads the note: 400, 422; 404 for what can be no conversation's id.
/// 2. Writes it, and has open inboxes show it: 404. The author is what the key is called, where none is
///    given.
/// 3. Answers 200 with `{success, note}`.
async fn conversation_note_add(cx: &Context<'_>, request: &Request) -> Result<Response> {
    // 1.
    let adding = NoteAdding::parse(request.text()?)?;

    // 2.
    let note = NewNote {
        conversation_id: &adding.conversation_id,
        author_id: None,
        author: adding.author.as_deref(),
        content: &adding.content,
    };
    let note = match &request.recall {
        Some(id) => note_find(cx, id).await?,
        None => note_add(cx, &note).await?,
    };

    // 3.
    let json = JsonWriter::default()
        .text("id", &note.id)
        .text("conversation_id", adding.conversation_id.as_str())
        .text("author", &note.author)
        .text("content", &note.content)
        .text("created_at", &note.created_at.to_string());
    let json = format!("{{\"success\":true,\"note\":{}}}", json.finish());
    Ok(Response::json_text(200, json).recalled_by(note.id))
}

/// `GET /api-conversation-notes?conversation_id=&limit=&cursor=` (`conversations:read`)
///
/// 1. Reads the query: 422; 404 for what can be no conversation's id.
/// 2. Reads the conversation's notes, oldest first: 404 where the business has no such conversation.
/// 3. Answers 200 with `{notes, has_more, next_cursor}`.
async fn conversation_notes(cx: &Context<'_>, request: &Request) -> Result<Response> {
    // 1.
    let query = NotesQuery::from_query(&request.query)?;

    // 2.
    let mut results = cx.db.batch(query.statements(cx)).await?.into_iter();
    let known = next_rows(&mut results)?;
    if known.is_empty() {
        return Err(no_conversation());
    }

    // 3.
    let page = page_json(next_rows(&mut results)?, query.limit())?;
    Ok(Response::json_text(200, page))
}
