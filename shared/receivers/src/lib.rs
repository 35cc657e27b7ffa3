//! Receivers: what providers send, verified, taken in, and kept where it cannot be taken in yet.

pub mod email;
mod kept;
pub mod messaging;
pub mod meta;
pub mod twilio;
