//! What requests ask for.

use crate::sql::{NOTE_CONVERSATION, NOTE_PAGE};
use common::context::Context;
use common::db::{Statement, Value};
use common::http::input::{Expected, Input, text_or_null};
use common::http::{Error, Query, decode_cursor};
use common::ids::{ConversationId, is_id};
use common::json::raw;
use messaging::conversations::{checked_note, our_id};

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
    pub conversation_id: ConversationId,
    /// The note.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = messaging::conversations::MAX_NOTE_CHARS)))]
    pub content: String,
    /// The author; by default, the name of the key.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_AUTHOR_CHARS)))]
    pub author: Option<String>,
}

impl NoteAdding {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, an empty note, or one too long; 404 for what can be
    /// no conversation's id.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["conversation_id", "content", "author"])?;
        let content = input.required("content", Expected::TEXT, raw::text)?;
        checked_note("content", &content)?;
        let author = input.optional("author", Expected::TEXT_OR_NULL, text_or_null)?;
        let author = author.flatten().map(|name| name.trim().to_owned());
        let is_name = |name: &String| (1..=MAX_AUTHOR_CHARS).contains(&name.chars().count());
        if author.as_ref().is_some_and(|name| !is_name(name)) {
            let message = "`author` must have 1 to 200 characters.";
            return Err(Error::invalid("author", "1_to_200_characters", message));
        }
        let conversation_id = input.required("conversation_id", Expected::TEXT, raw::text)?;
        Ok(Self {
            conversation_id: our_id(&conversation_id)?,
            content,
            author,
        })
    }
}

/// What `GET /api-conversation-notes` asks for.
#[derive(Debug)]
pub struct NotesQuery {
    conversation_id: ConversationId,
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

    /// How many notes a page has.
    pub(crate) const fn limit(&self) -> usize {
        self.limit as usize
    }

    /// The statements that read whether there is such a conversation, and its notes.
    pub(crate) fn statements(&self, cx: &Context<'_>) -> Vec<Statement> {
        let target = || {
            vec![
                Value::from(cx.business_id()),
                (&self.conversation_id).into(),
            ]
        };
        let (at, id) = &self.after;
        let mut page = target();
        page.extend([
            (*at).into(),
            id.as_str().into(),
            (i64::from(self.limit) + 1).into(),
        ]);
        vec![NOTE_CONVERSATION.bind(target()), NOTE_PAGE.bind(page)]
    }
}

/// A cursor is the time and the id of the last note of its page.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let at: i64 = at.parse().ok().filter(|at| (0..1 << 53).contains(at))?;
    is_id(id).then(|| (at, id.to_owned()))
}
