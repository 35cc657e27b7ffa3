//! What pages of ours are served with: their files under a version, shells that are filled in, and what a
//! browser may do in them.
//!
//! The files of all pages are in `assets/`: at its top what several pages share, below `inbox/` and `dashboard/` what
//! one alone has. A function serves those that its [`files!`] names.

mod files;
mod shell;

pub use files::Files;
pub use shell::{filled, html};
