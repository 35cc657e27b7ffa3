//! Sending: a message is stored before the provider is called, so that a crash can lose the response but
//! never the message, and nothing is sent twice. Each provider message is a row; a request with several
//! files makes several, sent one after another.

mod reply;
pub mod window;

pub use reply::{KEY_PREFIX, OutboundReply, SENDER, SendReply, SendResult, send_reply};
pub use window::Window;

/// Most attachments of one request.
pub const MAX_ATTACHMENTS: usize = 10;
