//! The commands a developer runs: scripts/dev and the CLI.

#![expect(
    clippy::unwrap_used,
    reason = "what a test sets up should fail where it is"
)]

use e2e::{root, wait_for};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

struct Dev(Child);

impl Dev {
    fn start(state: &Path, options: &[&str]) -> (Self, Value) {
        let ready = state.join("dev.json");
        let before = fs::metadata(&ready).and_then(|file| file.modified()).ok();
        let mut child = Command::new(root().join("scripts/dev"))
            .args(["--port", "0", "--state"])
            .arg(state)
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let json = wait_for("dev.json", || {
            assert!(child.try_wait().unwrap().is_none(), "scripts/dev ended");
            let written = fs::metadata(&ready).and_then(|file| file.modified()).ok();
            (written.is_some() && written != before).then(|| fs::read_to_string(&ready).unwrap())
        });
        (Self(child), serde_json::from_str(&json).unwrap())
    }

    fn terminate(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
        let status = wait_for("scripts/dev to end", || self.0.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        drop(self.0.kill());
    }
}

#[test]
fn dev_keeps_its_business_over_starts_and_ends_when_told() {
    let state = tempfile::tempdir().unwrap();
    let (dev, first) = Dev::start(state.path(), &[]);
    let key = first["api_key"].as_str().unwrap();
    let customers = format!("{}/api-customers", first["base_url"].as_str().unwrap());
    let mut answer = ureq::get(&customers)
        .header("x-api-key", key)
        .call()
        .unwrap();
    assert!(
        answer
            .body_mut()
            .read_to_string()
            .unwrap()
            .starts_with("{\"customers\":[]")
    );
    dev.terminate();
    let (dev, second) = Dev::start(state.path(), &["--var", "PLATFORM_TOKEN:mine"]);
    for field in ["api_key", "admin_key", "business_id"] {
        assert_eq!(first[field], second[field], "{field}");
    }
    assert_eq!(second["platform_token"], "mine");
    dev.terminate();
    let (dev, third) = Dev::start(state.path(), &["--fresh"]);
    assert_ne!(first["business_id"], third["business_id"]);
    dev.terminate();
}

#[test]
fn dev_explains_itself_and_refuses_what_it_does_not_know() {
    let dev = |arguments: &[&str]| {
        Command::new(root().join("scripts/dev"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let help = dev(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--fresh"));
    for wrong in [
        &["--prot", "1"][..],
        &["--port", "x"],
        &["--var", "novalue"],
    ] {
        let refused = dev(wrong);
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("error:"));
    }
}

fn tieline(folder: &Path, dev: &Value, arguments: &[&str]) -> Output {
    Command::new(root().join("target/debug/tieline"))
        .args(arguments)
        .current_dir(folder)
        .env("TIELINE_BASE_URL", dev["base_url"].as_str().unwrap())
        .env("TIELINE_API_KEY", dev["api_key"].as_str().unwrap())
        .env("TIELINE_ADMIN_KEY", dev["admin_key"].as_str().unwrap())
        .env(
            "TIELINE_PLATFORM_TOKEN",
            dev["platform_token"].as_str().unwrap(),
        )
        .output()
        .unwrap()
}

#[test]
fn the_cli_makes_a_key_and_imports_a_file_over_the_real_stack() {
    let folder = tempfile::tempdir().unwrap();
    let (dev, ready) = Dev::start(&folder.path().join("state"), &[]);
    let rows: String = (0..2500)
        .map(|n| format!("C{n},Customer {n},c{n}@example.com\n"))
        .collect();
    let csv = format!("Contact ID,Full Name,E-mail\n{rows}C-bad,Nobody,not an address\n");
    fs::write(folder.path().join("contacts.csv"), csv).unwrap();
    let import = tieline(
        folder.path(),
        &ready,
        &["import", "contacts.csv", "--map", "Full Name=name"],
    );
    assert_eq!(
        import.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
    let report = fs::read_to_string(folder.path().join("contacts.failed.csv")).unwrap();
    assert!(
        report.contains("C-bad") && report.contains("invalid_record"),
        "{report}"
    );
    let mapping = fs::read_to_string(folder.path().join("contacts.mapping.csv")).unwrap();
    assert_eq!(mapping.lines().count(), 2501);
    let made = tieline(
        folder.path(),
        &ready,
        &[
            "key",
            "create",
            "Reader",
            "--scope",
            "customers:read",
            "--json",
        ],
    );
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let revoked = tieline(
        folder.path(),
        &ready,
        &["key", "revoke", made["key"]["id"].as_str().unwrap()],
    );
    assert!(
        revoked.status.success(),
        "{}",
        String::from_utf8_lossy(&revoked.stderr)
    );
    let business = tieline(
        folder.path(),
        &ready,
        &["business", "create", "Second", "--region", "GB"],
    );
    assert!(
        business.status.success(),
        "{}",
        String::from_utf8_lossy(&business.stderr)
    );
    dev.terminate();
}
