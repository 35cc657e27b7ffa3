//! Replies that a model writes: who writes them for a business, what it is told, and what comes of its answer.

mod draft;
mod model;
pub mod prompt;
mod settings;
pub mod sql;

pub use draft::{Draft, MAX_DRAFT};
pub use model::{Patience, ask};
pub use settings::{DEFAULT_NAME, PATH, Replies, Settings};
