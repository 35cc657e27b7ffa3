//! Conversations: threads of one customer on one account, their status, priority and assignee; what
//! people note about them; when they are handed to people.

mod by_customer;
mod change;
pub mod escalate;
pub mod handoff;
mod notes;
pub mod sql;

pub use by_customer::{ConversationsQuery, conversations_by_customer};
pub use change::{
    ConversationChange, ConversationStatus, Priority, Standing, conversation_change,
    conversation_stand,
};
pub use escalate::{Escalating, Source, conversation_escalate, escalate};
pub use notes::{NewNote, checked_note, note_add};
pub use notes::{NoteAdding, NotesQuery, conversation_note_add, conversation_notes};

use common::http::{Error, Kind};
use common::ids::is_id;

/// A conversation's id as a caller gives it.
fn our_id(given: &str) -> Result<String, Error> {
    if is_id(given) {
        return Ok(given.to_ascii_lowercase());
    }
    Err(no_conversation())
}

fn no_conversation() -> Error {
    Error::new(Kind::NotFound, "There is no such conversation.")
}
