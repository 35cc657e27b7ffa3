//! Chatwoot, whose inboxes become conversations here (chatwoot.md). What reads and shapes is without I/O; `ingest` writes to the
//! database, and `sync` keeps both sides in step.

mod account;
pub mod api;
mod inboxes;
mod ingest;
mod liquid;
mod reading;
mod send;
pub mod sql;
mod streams;
pub mod sync;
pub mod webhook;

pub use account::Account;
pub use inboxes::{Inboxes, channels_setting, left_out_setting};
pub use ingest::{Ingested, ingest};
pub use liquid::liquid_escaped;
pub use send::Chatwoot;
pub use streams::{place_of, streams_of};
