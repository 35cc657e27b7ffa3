use super::sql::{NOTE_CONVERSATION, NOTE_EVENT, NOTE_INSERT, NOTE_PAGE};
use super::{no_conversation, our_id};
use common::context::Context;
use common::db::{Row, Value};
use common::http::input::{Input, text_or_null};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::ids::is_id;
use common::json::raw;
use common::json::written::Written;
use common::outside::Queue;

/// Longest note, in characters.
pub(super) const MAX_NOTE_CHARS: usize = 10_000;
/// Longest name of an author, in characters.
const MAX_AUTHOR_CHARS: usize = 200;
/// Notes on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 100;
/// Most notes on a page: together they stay well below what an answer may hold.
const PAGE_MAX: u32 = 200;

/// The request of `POST /api-conversation-notes`.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct NoteAdding {
    /// The conversation.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub conversation_id: String,
    /// The note.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NOTE_CHARS)))]
    pub content: String,
    /// The author; by default, the name of the key.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_AUTHOR_CHARS)))]
    pub author: Option<String>,
}

impl NoteAdding {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for what is no JSON; 422 for another shape, an empty note, or one too long.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["conversation_id", "content", "author"])?;
        let content = input.required("content", "a text", raw::text)?;
        checked_note("content", &content)?;
        let author = input.optional("author", "a text or null", text_or_null)?;
        let author = author.flatten().map(|name| name.trim().to_owned());
        let is_name = |name: &String| (1..=MAX_AUTHOR_CHARS).contains(&name.chars().count());
        if author.as_ref().is_some_and(|name| !is_name(name)) {
            let message = "`author` must have 1 to 200 characters.";
            return Err(Error::invalid("author", "1_to_200_characters", message));
        }
        Ok(Self {
            conversation_id: input.required("conversation_id", "a text", raw::text)?,
            content,
            author,
        })
    }
}

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
    /// An id of ours.
    pub conversation_id: &'n str,
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
}

/// Notes something about a conversation, for the business's own people. No customer and no webhook is
/// told.
///
/// # Errors
/// 404 for a conversation that the caller may not see.
pub async fn note_add(cx: &Context<'_>, note: &NewNote<'_>) -> Result<AddedNote, Error> {
    let target = || {
        vec![
            Value::from(cx.business_id()),
            note.conversation_id.into(),
            cx.caller.customer_id.as_deref().into(),
        ]
    };
    let (id, now) = (cx.ids.next(), Value::from(cx.now.micros()));
    let mut event = target();
    event.extend([cx.ids.next().into(), now.clone()]);
    let mut insert = target();
    insert.extend([
        id.as_str().into(),
        note.author_id.into(),
        note.author.into(),
        note.content.into(),
        now,
        cx.caller.key_id.as_str().into(),
    ]);
    let results = cx
        .db
        .batch(vec![NOTE_EVENT.bind(event), NOTE_INSERT.bind(insert)]);
    let stored = results.await?.pop().and_then(|mut rows| rows.pop());
    let author = stored.and_then(|row| row.into_iter().next()?.into_text());
    cx.wake(Queue::Events, cx.business_id());
    Ok(AddedNote {
        id,
        author: author.ok_or_else(no_conversation)?,
    })
}

/// Notes something about a conversation; gives `{success, note}`.
///
/// # Errors
/// 404 for a conversation that the business does not have.
pub async fn conversation_note_add(cx: &Context<'_>, asked: &NoteAdding) -> Result<String, Error> {
    let conversation = our_id(&asked.conversation_id)?;
    let note = NewNote {
        conversation_id: &conversation,
        author_id: None,
        author: asked.author.as_deref(),
        content: &asked.content,
    };
    let note = note_add(cx, &note).await?;
    let json = Written::default()
        .text("id", &note.id)
        .text("conversation_id", &conversation)
        .text("author", &note.author)
        .text("content", &asked.content)
        .text("created_at", &cx.now.to_string());
    Ok(format!("{{\"success\":true,\"note\":{}}}", json.finish()))
}

/// What `GET /api-conversation-notes` asks for.
#[derive(Debug)]
pub struct NotesQuery {
    conversation_id: String,
    limit: u32,
    after: (i64, String),
}

impl NotesQuery {
    /// Reads a request's query.
    ///
    /// # Errors
    /// 422 without a conversation, and for a limit or a cursor that is none; 404 for what can be no
    /// conversation's id.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let id = query.get("conversation_id").ok_or_else(|| {
            let message = "Name the conversation by `conversation_id`.";
            Error::invalid("query.conversation_id", "required", message)
        })?;
        let after = query.get("cursor");
        let after = after.map(|cursor| decode_cursor(cursor, place_of));
        Ok(Self {
            conversation_id: our_id(id)?,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            after: after.transpose()?.unwrap_or_default(),
        })
    }
}

/// A cursor is the time and the id of the last note of its page.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let at: i64 = at.parse().ok().filter(|at| (0..1 << 53).contains(at))?;
    is_id(id).then(|| (at, id.to_owned()))
}

/// A conversation's notes, oldest first: `{notes, has_more, next_cursor}`. From the cursor one may go
/// on later, for what was noted since; an empty page has none.
///
/// # Errors
/// 404 for a conversation that the business does not have.
pub async fn conversation_notes(cx: &Context<'_>, query: &NotesQuery) -> Result<String, Error> {
    let target = || {
        vec![
            Value::from(cx.business_id()),
            query.conversation_id.as_str().into(),
        ]
    };
    let (at, id) = &query.after;
    let mut page = target();
    page.extend([
        (*at).into(),
        id.as_str().into(),
        (i64::from(query.limit) + 1).into(),
    ]);
    let results = cx
        .db
        .batch(vec![NOTE_CONVERSATION.bind(target()), NOTE_PAGE.bind(page)]);
    let mut results = results.await?.into_iter();
    let known = results.next().unwrap_or_default();
    if known.is_empty() {
        return Err(no_conversation());
    }
    let rows = results.next().unwrap_or_default();
    let has_more = rows.len() > query.limit as usize;
    let mut notes = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows.into_iter().take(query.limit as usize) {
        let (place, json) =
            columns(row).ok_or_else(|| Error::internal("a note's row is unreadable"))?;
        notes.push(json);
        last = Some(place);
    }
    let next = match last {
        Some(place) => format!("\"{}\"", encode_cursor(&place)),
        None => "null".to_owned(),
    };
    Ok(format!(
        "{{\"notes\":[{}],\"has_more\":{has_more},\"next_cursor\":{next}}}",
        notes.join(",")
    ))
}

fn columns(row: Row) -> Option<(String, String)> {
    let mut values = row.into_iter();
    let at = values.next()?.as_integer()?;
    let id = values.next()?.into_text()?;
    Some((format!("{at}.{id}"), values.next()?.into_text()?))
}
