//! Meta: what WhatsApp, Messenger and Instagram share, and each of them.

mod answer;
mod content;
mod errors;
pub mod graph;
pub mod messenger;
mod send;
mod webhook;
mod whatsapp;

pub use send::WhatsApp;
pub use webhook::{Delivery, DeliveryPart, parse};
