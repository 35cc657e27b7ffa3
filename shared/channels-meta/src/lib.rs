//! Meta: what WhatsApp, Messenger, Instagram and comments on a page's posts share, and each of them.

mod answer;
pub mod comments;
mod content;
mod errors;
pub mod graph;
pub mod messenger;
mod send;
mod webhook;
mod whatsapp;

pub use send::WhatsApp;
pub use webhook::{Delivery, DeliveryPart, parse};
