//! Messages: taken in from providers, read by CRMs, sent to customers.

mod ingest;
mod receive;
pub mod sql;
mod statuses;

#[cfg(test)]
mod tests;

pub use receive::{Received, receive};
