use super::no_conversation;
use super::sql::{NOTE_EVENT, NOTE_FIND, NOTE_INSERT};
use common::context::Context;
use common::db::{Columns, Statement, Value, text_of};
use common::http::Error;
use common::ids::ConversationId;
use common::ports::Queue;
use common::time::Timestamp;

/// Longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 10_000;

/// # Errors
/// 422 for an empty note, or one too long.
pub fn checked_note(path: &'static str, content: &str) -> Result<(), Error> {
    let is_short = content.chars().count() <= MAX_NOTE_CHARS;
    if !content.trim().is_empty() && is_short {
        return Ok(());
    }
    let message = format!("`{path}` must have 1 to {MAX_NOTE_CHARS} characters.");
    Err(Error::invalid(path, "1_to_10000_characters", message))
}

/// A note to be written.
pub struct NewNote<'n> {
    /// The conversation.
    pub conversation_id: &'n ConversationId,
    /// Who wrote it, as the CRM knows them.
    pub author_id: Option<&'n str>,
    /// What people call them; else what the caller's key is called.
    pub author: Option<&'n str>,
    /// What it says.
    pub content: &'n str,
}

/// A note that was written.
pub struct AddedNote {
    pub id: String,
    pub author: String,
    pub content: String,
    pub created_at: Timestamp,
}

/// A note that was written before.
///
/// # Errors
/// 404 for one that was deleted since, as the erasure of a customer does, or that the caller may not see.
pub async fn note_find(cx: &Context<'_>, id: &str) -> Result<AddedNote, Error> {
    let find = NOTE_FIND.bind(vec![
        cx.business_id().into(),
        id.into(),
        cx.caller.customer_id.as_ref().into(),
    ]);
    let rows = cx.db.rows(find).await?;
    let mut columns = Columns::of(rows.first().ok_or_else(no_conversation)?);
    Ok(AddedNote {
        id: id.to_owned(),
        author: columns.text("author")?,
        content: columns.text("content")?,
        created_at: columns.time("created_at")?,
    })
}

/// Adds a private note to a conversation. Neither the customer nor a webhook gets it.
///
/// # Errors
/// 404 for a conversation that the caller may not see.
pub async fn note_add(cx: &Context<'_>, note: &NewNote<'_>) -> Result<AddedNote, Error> {
    let id = cx.ids.next();
    let results = cx.db.batch(note_statements(cx, &id, note));
    let stored = results.await?.pop().and_then(|mut rows| rows.pop());
    cx.wake(Queue::Events, cx.business_id());
    let author = text_of(stored.ok_or_else(no_conversation)?, "author")?;
    Ok(AddedNote {
        id,
        author,
        content: note.content.to_owned(),
        created_at: cx.now,
    })
}

/// The statements that add a note under this id, for what is to be written with it or not at all. Whoever
/// runs them wakes `events`.
#[must_use]
pub fn note_statements(cx: &Context<'_>, id: &str, note: &NewNote<'_>) -> Vec<Statement> {
    let target = || {
        vec![
            Value::from(cx.business_id()),
            note.conversation_id.into(),
            cx.caller.customer_id.as_ref().into(),
        ]
    };
    let now = Value::from(cx.now.micros());
    let mut event = target();
    event.extend([cx.ids.next().into(), now.clone()]);
    let mut insert = target();
    insert.extend([
        id.into(),
        note.author_id.into(),
        note.author.into(),
        note.content.into(),
        now,
        cx.caller.key_id.as_str().into(),
    ]);
    vec![NOTE_EVENT.bind(event), NOTE_INSERT.bind(insert)]
}
