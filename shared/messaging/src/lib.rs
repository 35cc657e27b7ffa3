//! Conversations with their messages and attachments.

pub mod attachments;
pub mod conversations;
pub mod erasure;
pub mod messages;
