//! Messages: taken in from providers, read by CRMs, sent to customers.

#[macro_use]
mod rank;

mod ingest;
pub mod json;
pub mod news;
mod quick;
mod receive;
pub mod send;
pub mod sql;
pub mod statuses;

pub use news::{News, receive_news};
pub use receive::{Received, receive, receive_with};
