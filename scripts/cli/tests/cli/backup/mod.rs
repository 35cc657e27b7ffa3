//! `tieline backup` and `tieline restore`, between real deployments.

mod deployment;
mod passphrase;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use deployment::{Deployment, TOKEN};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::terminal::{Outcome, run};

/// 32 bytes 0x02.
const SECOND: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

fn command(name: &str, option: &str, folder: &Path, url: &str, more: &[&str]) -> Outcome {
    let folder = folder.to_str().unwrap();
    let all = [&[name, option, folder, "--base-url", url][..], &TOKEN, more].concat();
    run(&all)
}

fn backup(of: &Deployment, folder: &Path, more: &[&str]) -> Outcome {
    command("backup", "--to", folder, &of.url, more)
}

fn restore(to: &Deployment, folder: &Path, more: &[&str]) -> Outcome {
    command("restore", "--from", folder, &to.url, more)
}

/// A deployment with businesses that have something: secrets, customers, messages, files.
fn with_businesses(names: &'static [&'static str]) -> (Deployment, Vec<String>) {
    let deployment = Deployment::start();
    let ids = deployment.with(move |stack| {
        let made = names.iter().enumerate().map(|(n, name)| {
            let tenant = stack.tenant(name);
            let number = format!("10654035224292{n}");
            let _account = stack.whatsapp(&tenant, &number);
            let _endpoint = stack.endpoint(&tenant, "https://crm.example/hook", &["message.received"]);
            stack.receive_whatsapp(&number, &format!("wamid.{n}"), "353871234567", "Is it open?");
            let business = &tenant.business_id;
            stack.db.sql(&format!(
                "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size, created_at)
                 SELECT '{business}', 'file-{n}', id, 'ready', 'f', 'image/png', 5, 1 FROM messages
                 WHERE business_id = '{business}'"
            ));
            let key = format!("{business}/file-{n}");
            stack.ports.blobs.borrow_mut().insert(key, b"bytes".to_vec());
            tenant.business_id
        });
        made.collect()
    });
    (deployment, ids)
}

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("backup");
    (folder, path)
}

/// What a folder says of each business's rows, by their digests.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let parts = fs::read_to_string(folder.join("parts.jsonl")).unwrap();
    let parts = parts
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let parts = parts.filter(|part| part["business"] != "");
    let mut pages: Vec<_> = parts
        .map(|part| (part["path"].to_string(), part["sha256"].to_string()))
        .collect();
    pages.sort();
    pages
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("backup.json")).unwrap()).unwrap()
}

#[test]
fn all_businesses_are_restored_into_another_deployment_and_are_the_same() {
    let (here, _) = with_businesses(&["One", "Two"]);
    let (_keep, path) = folder();
    let outcome = backup(&here, &path, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.out.contains("2 businesses"), "{outcome:?}");
    assert!(outcome.out.contains("master keys cabf5820"), "{outcome:?}");
    let there = Deployment::start();
    let outcome = restore(&there, &path, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.out.contains("2 files restored"), "{outcome:?}");
    let (_keep, again) = folder();
    assert_eq!(backup(&there, &again, &[]).exit, 0);
    assert_eq!(pages(&again), pages(&path));
    let files = |of: &Deployment| of.with(|stack| stack.ports.blobs.borrow().clone());
    assert_eq!(files(&there), files(&here));
    // Twice does nothing twice.
    let before = there.sql("SELECT * FROM usage_counts");
    let outcome = restore(&there, &path, &["--json"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let summary: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(
        (&summary["rows"], &summary["different"]),
        (&summary["same"], &json!(0))
    );
    assert_eq!(there.sql("SELECT * FROM usage_counts"), before);
}

#[test]
fn one_business_is_backed_up_without_the_others_and_restored_alone() {
    let (here, ids) = with_businesses(&["One", "Two"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &["--business", &ids[1]]).exit, 0);
    let there = Deployment::start();
    assert_eq!(restore(&there, &path, &["--business", &ids[0]]).exit, 2);
    assert_eq!(restore(&there, &path, &[]).exit, 0);
    assert_eq!(
        there.sql("SELECT name FROM businesses"),
        "[[Text(\"Two\")]]"
    );
    let outcome = backup(&here, &path.join("x"), &["--business", "nobody"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
}

#[test]
fn a_backup_that_is_interrupted_anywhere_goes_on_and_ends_the_same() {
    let (here, _) = with_businesses(&["One", "Two"]);
    let (_keep, whole) = folder();
    assert_eq!(backup(&here, &whole, &[]).exit, 0);
    for requests in 0..6 {
        let (_keep, path) = folder();
        here.goes_away_after(requests);
        let outcome = backup(&here, &path, &[]);
        assert_eq!(outcome.exit, 3, "{requests} {outcome:?}");
        assert!(
            outcome.err.contains("goes on where it stopped"),
            "{outcome:?}"
        );
        // A program that is killed leaves half a line.
        let parts = path.join("parts.jsonl");
        if let Ok(text) = fs::read_to_string(&parts) {
            fs::write(&parts, format!("{text}{{\"business\":\"b")).unwrap();
        }
        here.goes_away_after(usize::MAX);
        let outcome = backup(&here, &path, &[]);
        assert_eq!(outcome.exit, 0, "{requests} {outcome:?}");
        assert_eq!(pages(&path), pages(&whole), "{requests}");
        assert_eq!(
            manifest(&path)["whole"]["rows"],
            manifest(&whole)["whole"]["rows"]
        );
    }
}

#[test]
fn a_restore_that_is_interrupted_goes_on_where_it_stopped() {
    let (here, _) = with_businesses(&["One", "Two"]);
    let (_keep, path) = folder();
    assert_eq!(backup(&here, &path, &[]).exit, 0);
    let there = Deployment::start();
    there.goes_away_after(3);
    let outcome = restore(&there, &path, &[]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    there.goes_away_after(usize::MAX);
    let sent = there.count("POST");
    assert_eq!(restore(&there, &path, &[]).exit, 0);
    // Of three pages two were in; the third was tried twice.
    assert_eq!(there.count("POST") - sent, 1);
    let (_keep, again) = folder();
    assert_eq!(backup(&there, &again, &[]).exit, 0);
    assert_eq!(pages(&again), pages(&path));
}

#[test]
fn a_file_that_the_deployment_has_lost_is_told_and_holds_nothing_up() {
    let (here, ids) = with_businesses(&["One"]);
    let key = format!("{}/file-0", ids[0]);
    here.with(move |stack| stack.ports.blobs.borrow_mut().remove(&key).is_some());
    let (_keep, path) = folder();
    let outcome = backup(&here, &path, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.err.contains("attachment file-0"), "{outcome:?}");
    assert!(
        outcome
            .err
            .contains("1 file that rows name could not be had"),
        "{outcome:?}"
    );
    assert_eq!(restore(&Deployment::start(), &path, &[]).exit, 0);
}

/// With TIELINE_BACKUP_ROWS=100000 it is the bar: as many customers and as many messages, both ways within 5 minutes.
#[test]
fn many_customers_and_messages_go_both_ways_in_time_and_are_the_same() {
    let rows: usize =
        std::env::var("TIELINE_BACKUP_ROWS").map_or(3000, |rows| rows.parse().unwrap());
    let (here, ids) = with_businesses(&["One"]);
    let business = ids[0].clone();
    here.with(move |stack| {
        let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
        stack.db.sql(&format!(
            "{numbers} INSERT INTO customers (business_id, id, name, email, custom_fields, revision, created_at, updated_at)
             SELECT '{business}', printf('c-%07d', i), 'Customer \"' || i || '\" Ó', 'c' || i || '@b.ie',
               '{{\"segment\":\"enterprise\"}}', 1, i, i FROM n"
        ));
        stack.db.sql(&format!(
            "{numbers} INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id, channel,
               direction, type, content, status, provider_id, updated_at)
             SELECT '{business}', i, printf('m-%07d', i), 'c', printf('c-%07d', i), 'ch', 'whatsapp', 'inbound', 'text',
               'Is it open on day ' || i || '? I should like to know, since I come from far away.', 'received',
               'wamid.' || i, i FROM n"
        ));
    });
    let (_keep, path) = folder();
    let begun = Instant::now();
    assert_eq!(backup(&here, &path, &["--quiet"]).exit, 0);
    let read = begun.elapsed();
    let there = Deployment::start();
    let begun = Instant::now();
    assert_eq!(restore(&there, &path, &["--quiet"]).exit, 0);
    let written = begun.elapsed();
    println!(
        "{rows} customers and {rows} messages: backed up in {read:.1?}, restored in {written:.1?}"
    );
    let (_keep, again) = folder();
    assert_eq!(backup(&there, &again, &["--quiet"]).exit, 0);
    assert_eq!(pages(&again), pages(&path));
    assert!(manifest(&path)["whole"]["rows"].as_u64().unwrap() > 2 * rows as u64);
    assert!(read + written < std::time::Duration::from_mins(5));
}
