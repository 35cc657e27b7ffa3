//! The embedded inbox: what its page reads, and the little that only it writes. Sending, uploading
//! and changing a conversation are the business of their own domains.
//!
//! A caller that is bound to one customer is bound in every statement: what is another's is not
//! there.

mod bootstrap;
mod changes;
mod list;
mod note;
mod read;
mod search;
pub mod sql;
mod templates;
mod thread;
mod windows;

pub use bootstrap::bootstrap;
pub use changes::{HELD_SECONDS, inbox_changes};
pub use list::{ListQuery, inbox_list};
pub use note::{NoteRequest, inbox_note};
pub use read::{ReadRequest, inbox_read};
pub use templates::inbox_templates;
pub use thread::{ThreadQuery, inbox_thread};

use common::context::Context;
use common::db::Value;
use common::http::{Error, Kind};
use common::ids::is_id;

/// What happened in a conversation that is of interest to the inbox alone, as the outbox calls it.
/// No endpoint is told.
const CHANGED: &str = "inbox.changed";

/// A conversation's id as a caller gives it.
fn conversation_id(given: &str) -> Result<String, Error> {
    if is_id(given) {
        return Ok(given.to_ascii_lowercase());
    }
    Err(no_conversation())
}

fn no_conversation() -> Error {
    Error::new(Kind::NotFound, "There is no such conversation.")
}

/// The customer to whom the caller is bound, or null.
fn bound(cx: &Context<'_>) -> Value {
    cx.caller.customer_id.as_deref().into()
}
