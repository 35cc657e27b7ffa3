use common::Context;
use common::http::{Error, Request, Response, Result};
use messaging::conversations::{NoteAdding, NotesQuery, conversation_note_add, conversation_notes};

/// What people of the business say among themselves about a conversation.
///
/// `POST /api-conversation-notes` `{conversation_id, content, author?}` (`conversations:write`)
///
/// 1. Reads the note: 400, 422.
/// 2. Writes it, and has open inboxes show it: 200 with `{success, note}`, 404. The author is what the
///    key is called, where none is given.
///
/// `GET /api-conversation-notes?conversation_id=&limit=&cursor=` (`conversations:read`)
///
/// 1. Reads the query: 422.
/// 2. 200 with `{notes, has_more, next_cursor}`, oldest first; 404.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let json = match request.route.operation {
        "conversation_note_add" => {
            conversation_note_add(cx, &NoteAdding::parse(request.text()?)?).await?
        }
        "conversation_notes" => {
            conversation_notes(cx, &NotesQuery::from_query(&request.query)?).await?
        }
        other => return Err(Error::internal(format!("no operation {other}"))),
    };
    Ok(Response::json_text(200, json))
}
