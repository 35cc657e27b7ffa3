//! Meta: what WhatsApp, Messenger and Instagram share, and WhatsApp.

mod accounts;
mod json;
mod secrets;
mod webhook;
mod whatsapp;

pub use accounts::{Account, account_find};
pub use secrets::{SignedBy, handshake_answers, signature_find};
pub use webhook::{Delivery, DeliveryPart, parse};
