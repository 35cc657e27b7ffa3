//! What the end-to-end tests share: the stack in workerd, and a client.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up should fail where it is"
)]

mod client;
mod stack;

pub use client::{Answer, Client};
pub use stack::{Stack, Tenant, contents, node, root, run};
