//! Conversations: threads of one customer on one account, their status, priority and assignee.

mod by_customer;
mod change;
mod phrases;
pub mod sql;

pub use by_customer::{ConversationsQuery, conversations_by_customer};
pub use change::{ConversationChange, ConversationStatus, Priority, conversation_change};
pub use phrases::phrases_look;
