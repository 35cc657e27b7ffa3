//! What a business's systems know, found again by words and by meaning.

pub mod embedder;
pub mod link;
pub mod vector;
