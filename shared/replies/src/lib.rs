//! Replies that a model writes: who writes them for a business, what it is told, and what comes of its answer.

mod draft;
mod model;
mod plain;
pub mod prompt;
mod settings;
pub mod sql;
mod sse;
mod stream;
#[cfg(test)]
mod tests;

/// The author of replies that are sent by themselves, as messages name them.
pub const AUTHOR_ID: &str = "auto_reply";

pub use draft::{Draft, MAX_DRAFT};
pub use model::{Patience, ask, ask_streamed};
pub use settings::{DEFAULT_NAME, PATH, Replies, Settings};
pub use stream::{DraftStream, Piece};
