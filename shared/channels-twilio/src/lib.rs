//! Twilio: SMS and MMS (channels.md §5).

pub mod api;
mod codes;
mod listing;
mod send;
pub mod webhook;

pub use send::Twilio;
