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
    // Each database with its own schema, whichever Worker's file says where that is.
    for line in [
        "tieline: migrations of shared/migrations",
        "tieline-search: migrations of shared/migrations/search",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
}

#[test]
fn routes_of_a_zone_are_shown_before_they_are_made() {
    let tried = |arguments: &[&str]| {
        let all = [
            &["--dry-run", "--origin", "https://api.acme.example"],
            arguments,
        ]
        .concat();
        Command::new(root().join("scripts/deploy"))
            .args(all)
            .output()
            .unwrap()
    };
    let shown = tried(&["--routes", "acme.example"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for line in [
        "api.acme.example -> tieline-gateway",
        "api.acme.example/api-customers* -> tieline-customers",
        "api.acme.example/functions/v1/api-customers-sync* -> tieline-customers-sync",
        "api.acme.example/functions/v1/webhook-twilio/* -> tieline-webhook-twilio",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!shown.contains("/healthz"), "{shown}");
    let elsewhere = tried(&["--routes", "other.example"]);
    assert!(!elsewhere.status.success());
    let refused = String::from_utf8_lossy(&elsewhere.stderr).into_owned();
    assert!(
        refused.contains("is not in the zone other.example"),
        "{refused}"
    );
}

#[test]
fn the_workers_that_get_a_bucket_are_shown_before_it_is_made() {
    let tried = |bucket: &str| {
        Command::new(root().join("scripts/deploy"))
            .args(["--dry-run", "--bucket", bucket])
            .output()
            .unwrap()
    };
    let shown = tried("acme-files");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for worker in ["download-media", "send-message", "upload-attachment"] {
        let line = format!("tieline-{worker}: BUCKET is the R2 bucket acme-files");
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!shown.contains("tieline-gateway: BUCKET"), "{shown}");
    let refused = tried("Acme_Files");
    assert!(!refused.status.success());
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("is no bucket's name"), "{refused}");
}
