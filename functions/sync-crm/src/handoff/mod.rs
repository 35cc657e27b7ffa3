//! Customers who ask for a person are handed to one.

mod defaults;
mod scan;
mod triggers;
mod words;

pub use defaults::{DEFAULTS, FILLERS};
pub use scan::{handoff_scan, wake_unscanned};
pub use triggers::Triggers;
pub use words::{counting, words_of};
