//! Sending: a message is stored before the provider is asked, so that a crash can lose the answer
//! but never the message, and nothing is sent twice. Each message of the provider's is a row; a
//! request with several media makes several, sent one after the other.

mod say;
pub mod window;

pub use say::{SENDER, Said, Saying, SendReply, say};
pub use window::Window;

/// Most attachments of one request.
pub const MAX_ATTACHMENTS: usize = 10;
