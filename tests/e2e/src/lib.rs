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

use std::time::{Duration, Instant};

/// Waits until something is there, two minutes at most; a stack starts in seconds.
///
/// # Panics
/// If it does not come.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        // Looks again a little later; another process cannot wake this one.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
