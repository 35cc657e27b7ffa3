//! Messages: ingested from providers, read by CRMs, sent to customers.

#[macro_use]
mod rank;

mod fast_path;
mod ingest;
pub mod json;
pub mod receipts;
mod receive;
pub mod send;
pub mod sql;
pub mod statuses;

pub use receipts::{Receipts, receive_with_receipts};
pub use receive::{Received, receive, receive_with};
