//! Messages: ingested from providers, read by CRMs, sent to customers.

#[macro_use]
mod rank;

mod fast_path;
mod ingest;
pub mod json;
pub mod receipts;
mod receive;
pub mod send;
mod source;
pub mod sql;
pub mod statuses;

pub use receipts::{Receipts, receive_from_source, receive_with_receipts};
pub use receive::{Occasion, Received, receive, receive_with};
pub use source::SourceContact;
