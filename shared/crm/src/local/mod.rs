//! Our side, as connectors look at it: a customer, a conversation, a message, notes, and what was said.

pub mod facts;
mod message;
pub mod rollout;
pub mod routing;
mod rows;
pub mod sql;

pub use facts::ConversationFacts;
pub use message::{AttachmentRow, MessageRow, kind_name};
pub use rollout::Rollout;
pub use routing::{TeamRouting, TeamRule};
pub use rows::{AccountIdentity, ConversationRow, ConversationState, CustomerRow, NoteRow, Rating};
