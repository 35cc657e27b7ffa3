//! Conversations: threads of one customer on one account, their status, priority and assignee; what
//! people note about them; when they are handed to people.

mod begin;
mod change;
pub mod escalate;
pub mod handoff;
mod notes;
pub mod sql;

pub use begin::conversation_begin;
pub use change::{
    ConversationStatus, Priority, StateChange, conversation_apply_state, conversation_record_state,
};
pub use escalate::{EscalationRequest, Source, conversation_escalate, escalate};
pub use notes::{MAX_NOTE_CHARS, NewNote, checked_note, note_add, note_find, note_statements};

use common::http::{Error, Kind};
use common::ids::ConversationId;

/// A conversation's id as a caller gives it.
///
/// # Errors
/// 404 for what can be no id.
pub fn our_id(given: &str) -> Result<ConversationId, Error> {
    ConversationId::parse(given).ok_or_else(no_conversation)
}

/// 404: there is no such conversation, or the caller may not see it.
#[track_caller]
#[must_use]
pub fn no_conversation() -> Error {
    Error::new(Kind::NotFound, "There is no such conversation.")
}
