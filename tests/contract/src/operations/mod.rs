//! What people should know of each operation of the ledger: the one table of its texts, by family.
//!
//! A test fails for a row of the ledger without an entry, and for an entry without a row.

mod analytics;
mod channels;
mod conversations;
mod customers;
mod embedding;
mod integrations;
mod messages;
mod receivers;
mod service;
mod settings;
mod webhooks;

use crate::entry::Entry;

/// Every operation, family by family.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [
        customers::ENTRIES,
        conversations::ENTRIES,
        messages::ENTRIES,
        embedding::ENTRIES,
        settings::ENTRIES,
        channels::ENTRIES,
        integrations::ENTRIES,
        webhooks::ENTRIES,
        analytics::ENTRIES,
        receivers::ENTRIES,
        service::ENTRIES,
    ]
    .into_iter()
    .flatten()
}

/// The entry of an operation.
#[must_use]
pub fn entry(operation: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.operation == operation)
}
