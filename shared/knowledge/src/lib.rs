//! What a business's systems know, found again by words and by meaning.

pub mod context;
pub mod embedder;
pub mod erasure;
pub mod index;
pub mod link;
pub mod owner;
pub mod preview;
pub mod search;
pub mod server;
pub mod source;
pub mod vector;
pub mod vectorize;
mod words;
