//! A deployment that is only tried. Needs the release build, so scripts/test --release alone runs it.

#![expect(
    clippy::unwrap_used,
    reason = "what a test sets up should fail where it is"
)]

use e2e::root;
use std::process::Command;

#[test]
fn a_deployment_can_be_tried_without_an_account() {
    let tried = Command::new(root().join("scripts/deploy"))
        .arg("--dry-run")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&tried.stdout);
    assert!(
        tried.status.success(),
        "{shown}\n{}",
        String::from_utf8_lossy(&tried.stderr)
    );
    for worker in [
        "tieline-gateway",
        "tieline-customers-sync",
        "tieline-dashboard",
    ] {
        assert!(shown.contains(worker), "{shown}");
    }
}
