//! Backups whose secrets are sealed under a passphrase.

use std::fs;

use super::{Deployment, SECOND, backup, folder, manifest, restore, with_businesses};

#[test]
fn under_a_passphrase_a_deployment_with_other_master_keys_restores() {
    let (here, _) = with_businesses(&["One"]);
    let (keep, path) = folder();
    let passphrase = keep.path().join("passphrase");
    fs::write(&passphrase, "correct horse battery staple\n").unwrap();
    let option = ["--passphrase-file", passphrase.to_str().unwrap()];
    let outcome = backup(&here, &path, &option);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(
        outcome.out.contains("sealed under the passphrase"),
        "{outcome:?}"
    );
    assert!(!manifest(&path).to_string().contains("cabf5820"));
    let there = Deployment::start();
    there.with(|stack| stack.ports.set("MASTER_KEYS", SECOND));
    let outcome = restore(&there, &path, &[]);
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    assert!(outcome.err.contains("--passphrase-file"), "{outcome:?}");
    let other = keep.path().join("other");
    fs::write(&other, "incorrect horse battery staple\n").unwrap();
    let outcome = restore(
        &there,
        &path,
        &["--passphrase-file", other.to_str().unwrap()],
    );
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    assert!(outcome.err.contains("another passphrase"), "{outcome:?}");
    assert_eq!(there.count("POST"), 0);
    let outcome = restore(&there, &path, &option);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let sealed = there.sql("SELECT substr(credentials, 1, 11) FROM channels");
    assert_eq!(sealed, "[[Text(\"k1.6bf93c57\")]]");
}

#[test]
fn a_passphrase_that_is_easily_guessed_is_refused() {
    let (here, _) = with_businesses(&["One"]);
    let (keep, path) = folder();
    let passphrase = keep.path().join("passphrase");
    fs::write(&passphrase, "secret").unwrap();
    let outcome = backup(
        &here,
        &path,
        &["--passphrase-file", passphrase.to_str().unwrap()],
    );
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    assert!(outcome.err.contains("shorter than 12"), "{outcome:?}");
    assert!(!outcome.err.contains("secret\n"));
}
