//! What is not restored, and says why before anything is sent.

use std::fs;
use std::path::Path;

use super::{Deployment, SECOND, backup, folder, restore, with_businesses};

fn refused(folder: &Path, because: &str) {
    let there = Deployment::start();
    let outcome = restore(&there, folder, &[]);
    assert_eq!(outcome.exit, 2, "{because}: {outcome:?}");
    assert!(outcome.err.contains(because), "{because}: {outcome:?}");
    assert_eq!(there.count("POST") + there.count("PUT"), 0);
}

/// The path of some page of a business.
fn page(folder: &Path) -> std::path::PathBuf {
    let folders = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders = folders.filter(|path| path.is_dir() && !path.ends_with("deployment"));
    folders.next().unwrap().join("000001.ndjson")
}

#[test]
fn a_deployment_that_lacks_the_master_key_refuses_and_names_it() {
    let (here, _) = with_businesses(&["One"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    let there = Deployment::start();
    there.with(|stack| stack.ports.set("MASTER_KEYS", SECOND));
    for more in [&[][..], &["--check"]] {
        let outcome = restore(&there, &path, more);
        assert_eq!(outcome.exit, 1, "{outcome:?}");
        assert!(
            outcome.err.contains("lacks the master key cabf5820"),
            "{outcome:?}"
        );
    }
    assert_eq!(there.count("POST"), 0);
}

#[test]
fn a_backup_that_is_altered_or_cut_off_is_refused() {
    let (here, _) = with_businesses(&["One"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    let altered = |file: &Path, change: &dyn Fn(&mut Vec<u8>), because: &str| {
        let before = fs::read(file).unwrap();
        let mut bytes = before.clone();
        change(&mut bytes);
        fs::write(file, bytes).unwrap();
        refused(&path, because);
        fs::write(file, before).unwrap();
    };
    let page = page(&path);
    altered(&page, &|bytes| bytes[40] ^= 1, "altered");
    altered(&page, &|bytes| bytes.truncate(100), "altered");
    altered(
        &path.join("parts.jsonl"),
        &|bytes| bytes.truncate(100),
        "altered",
    );
    altered(
        &path.join("backup.json"),
        &|bytes| bytes.truncate(10),
        "not one that this program wrote",
    );
    fs::remove_file(&page).unwrap();
    refused(&path, "missing");
    refused(&path.join("nowhere"), "no backup");
}

#[test]
fn a_backup_that_was_not_finished_is_refused() {
    let (here, _) = with_businesses(&["One"]);
    let (_keep, path) = folder();
    here.goes_away_after(3);
    assert_eq!(backup(&here, &path, &[]).exit, 3);
    refused(&path, "cut off");
}

#[test]
fn a_backup_of_a_newer_schema_is_refused() {
    let (here, _) = with_businesses(&["One"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    let file = path.join("backup.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    manifest["schema"] = 9999.into();
    fs::write(&file, manifest.to_string()).unwrap();
    let there = Deployment::start();
    let outcome = restore(&there, &path, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("schema 9999"), "{outcome:?}");
    assert_eq!(there.count("POST"), 0);
}

#[test]
fn a_row_that_is_there_and_differs_is_left_and_told() {
    let (here, _) = with_businesses(&["One"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    here.sql("UPDATE customers SET name = 'Changed since'");
    let outcome = restore(&here, &path, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(
        outcome
            .err
            .contains("1 row there before and not as in the backup"),
        "{outcome:?}"
    );
    assert_eq!(
        here.sql("SELECT name FROM customers"),
        "[[Text(\"Changed since\")]]"
    );
}

#[test]
fn a_folder_with_anything_else_in_it_takes_no_backup() {
    let (here, _) = with_businesses(&["One"]);
    let (keep, path) = folder();
    fs::write(keep.path().join("letter.txt"), "dear").unwrap();
    let outcome = backup(&here, keep.path(), &[]);
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    assert!(outcome.err.contains("other files"), "{outcome:?}");
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    let outcome = backup(&here, &path, &[]);
    assert!(outcome.err.contains("a whole backup in it"), "{outcome:?}");
}
