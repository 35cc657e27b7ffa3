//! Meta: what WhatsApp, Messenger and Instagram share, and each of them.

mod accounts;
mod answer;
mod content;
mod errors;
pub mod graph;
pub mod messenger;
mod secrets;
mod send;
mod webhook;
mod whatsapp;

pub use accounts::{Account, account_find};
pub use secrets::{SignedBy, handshake_answers, signature_find};
pub use send::WhatsApp;
pub use webhook::{Delivery, DeliveryPart, parse};
