//! Meta: what WhatsApp, Messenger and Instagram share, and WhatsApp.

mod accounts;
mod errors;
pub mod graph;
mod secrets;
mod send;
mod webhook;
mod whatsapp;

pub use accounts::{Account, account_find};
pub use secrets::{SignedBy, handshake_answers, signature_find};
pub use send::WhatsApp;
pub use webhook::{Delivery, DeliveryPart, parse};
