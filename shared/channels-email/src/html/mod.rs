//! HTML of strangers: as text, and as HTML that is harmless.

mod entities;
mod sanitise;
mod text;
mod tokens;

pub use sanitise::sanitised;
pub use text::{html_of, text_of};
