//! Attachments: their rows are in D1, their bytes in KV, and signed links lead to them.

mod link;

pub use link::download_url;
