//! Messages: taken in from providers, read by CRMs, sent to customers.

mod ingest;
pub mod json;
mod quick;
mod receive;
pub mod send;
mod since;
pub mod sql;
mod statuses;

pub use receive::{Received, receive};
pub use since::{MessagesQuery, messages_since};
