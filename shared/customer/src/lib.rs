//! Customers: who they are (identities), how a CRM's records become them, how they are found.

mod answer;
mod apply;
mod batch;
mod create;
mod crm_ids;
mod dialled;
mod entry;
mod erase;
mod fingerprint;
mod identity;
mod lookup;
pub mod model;
mod phone;
mod plan;
mod record;
mod repeats;
mod search;
pub mod sql;
mod stored;
mod sync;
mod write;

pub use answer::{BulkCreateResponse, ImportError, ImportedCustomer, SyncResponse, SyncResults};
pub use apply::{APPLIER, ApplyChanges, ApplyRecord, RecordApplied, applied, changes_applied};
pub use batch::{Batch, MAX_RECORDS, batch_of, parse_batch};
pub use common::email::Email;
pub use crm_ids::CrmIds;
pub use dialled::{
    MAX_PHONES, NormalisePhone, NormalisePhones, PhoneNormalised, PhonesNormalised,
    phone_normalised, phones_normalised,
};
pub use erase::{Erasure, erasure_begin};
pub use identity::{Identity, IdentityKind};
pub use lookup::{
    CustomerQuery, LookupRequest, customer_of, customer_page, customer_statement, customers_by_ids,
    customers_lookup,
};
pub use model::{Customer, ExternalId};
pub use phone::Phone;
pub use record::{Record, RecordError};
pub use sync::{Action, OnConflict, RecordResult, SyncOptions, customer_change, customers_sync};

#[cfg(test)]
mod tests;
