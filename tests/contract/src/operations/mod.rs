//! What people should know of each operation of the ledger: the one table of its texts, by family.
//!
//! A test fails for a row of the ledger without an entry, and for an entry without a row.

pub(crate) mod alerts;
pub(crate) mod analytics;
pub(crate) mod channels;
pub(crate) mod conversations;
pub(crate) mod crm_links;
pub(crate) mod customers;
pub(crate) mod embedding;
pub(crate) mod integrations;
pub(crate) mod knowledge;
pub(crate) mod messages;
pub(crate) mod operator;
pub(crate) mod people;
pub(crate) mod receivers;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod webhooks;

use crate::entry::Entry;
use crate::intro::TAGS;

/// Every operation, family by family.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    TAGS.iter().flat_map(|tag| tag.entries)
}

/// The entry of an operation.
#[must_use]
pub fn entry(operation: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.operation == operation)
}
