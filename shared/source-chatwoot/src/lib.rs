//! Chatwoot, whose inboxes become conversations here (chatwoot.md). What reads and shapes does no I/O; `ingest`
//! writes to the database, and nothing here calls Chatwoot.

mod account;
pub mod api;
mod ingest;
mod liquid;
mod reading;
mod send;
pub mod sql;
pub mod webhook;

pub use account::Account;
pub use ingest::{Ingested, ingest};
pub use liquid::liquid_escaped;
pub use send::Chatwoot;
