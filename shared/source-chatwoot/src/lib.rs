//! Chatwoot, whose inboxes become conversations here (chatwoot.md). Nothing in this crate does I/O.

pub mod api;
mod inboxes;
mod liquid;
mod reading;
mod send;
pub mod webhook;

pub use inboxes::{Inboxes, channels_setting, left_out_setting};
pub use liquid::liquid_escaped;
pub use send::Chatwoot;
