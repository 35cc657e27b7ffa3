//! Messages: taken in from providers, read by CRMs, sent to customers.

#[macro_use]
mod rank;

mod ingest;
pub mod json;
pub mod news;
mod quick;
mod receive;
pub mod send;
mod since;
pub mod sql;
pub mod statuses;

pub use news::{News, profile_fetch, receive_news};
pub use receive::{Received, receive, receive_with};
pub use since::{MessagesQuery, messages_since};
