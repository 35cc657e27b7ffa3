//! Who may ask, and for what.

use super::{get, pages, restore_page, with_something};
use backup::handler::handle;
use serde_json::json;
use testkit::Stack;

fn refused(method: &str, path: &str) {
    let (stack, tenant) = with_something();
    for token in ["wrong", &tenant.admin_key, &stack.session(&tenant)] {
        let call = stack.call("backup", method, &format!("/api/operator/{path}"));
        let answer = call.bearer(token).body("{}").send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_token"), "{path}");
    }
}

#[test]
fn backup_manifest_refuses_callers_without_the_platform_token() {
    refused("GET", "backup");
}

#[test]
fn backup_rows_refuses_callers_without_the_platform_token() {
    refused("GET", "backup/rows");
}

#[test]
fn backup_file_refuses_callers_without_the_platform_token() {
    refused("GET", "backup/file");
}

#[test]
fn restore_rows_refuses_callers_without_the_platform_token() {
    refused("POST", "restore/rows");
}

#[test]
fn restore_file_refuses_callers_without_the_platform_token() {
    refused("PUT", "restore/file");
}

#[test]
fn backup_manifest_answers_with_what_a_backup_is_of() {
    let (stack, tenant) = with_something();
    let other = stack.tenant("Another");
    let mut ids = [tenant.business_id.clone(), other.business_id];
    ids.sort();
    let all = get(&stack, "backup").json;
    assert_eq!(all["businesses"], json!(ids));
    assert_eq!(
        (&all["format"], &all["next_cursor"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(all["tables"][0], "businesses");
    assert!(all["schema"].as_u64().unwrap() >= 34);
    assert!(
        all["left_out"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["reason"] != "")
    );
    let one = get(&stack, &format!("backup?business={}", tenant.business_id)).json;
    assert_eq!(one["businesses"], json!([tenant.business_id]));
}

#[test]
fn backup_manifest_refuses_invalid_input() {
    let stack = Stack::new();
    assert_eq!(
        get(&stack, "backup?business=nobody").refusal(),
        (404, "not_found")
    );
    assert_eq!(
        get(&stack, "backup?cursor=%3F").refusal(),
        (422, "invalid_request")
    );
}

#[test]
fn backup_rows_refuses_invalid_input() {
    let stack = Stack::new();
    for cursor in ["%3F", "bm93aGVyZQ", "bm93aGVyZQpbXQ"] {
        let answer = get(&stack, &format!("backup/rows?cursor={cursor}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{cursor}");
    }
    let call = stack
        .call("backup", "GET", "/api/operator/backup/rows")
        .bearer(testkit::PLATFORM_TOKEN);
    let answer = call.header("x-backup-key", "short").send(handle);
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn restore_rows_refuses_invalid_input() {
    let (stack, tenant) = with_something();
    let (other, business) = (Stack::new(), &tenant.business_id);
    let page = pages(&stack, business).concat();
    let newer = page.replace("\"fanned_out\"", "\"of_a_later_version\"");
    let row = page.lines().find(|line| line.starts_with('[')).unwrap();
    let cut = page.replacen(row, &row[..row.len() - 3], 1);
    let shorter = page.replacen(row, "[1,2]", 1);
    let unknown = "{\"table\":\"of_later\",\"columns\":[]}\n".to_owned();
    let left_out = "{\"table\":\"sessions\",\"columns\":[]}\n".to_owned();
    for (page, rule) in [
        (row.to_owned(), "table"),
        (cut, "row"),
        (shorter, "row"),
        (newer, "schema"),
        (unknown, "schema"),
        (left_out, "table"),
        ("{\"table\"".to_owned(), "json"),
    ] {
        let answer = restore_page(&other, business, &page);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{rule}");
        assert_eq!(answer.detail().1, rule, "{}", answer.text());
    }
    let answer = restore_page(&other, "another", &page);
    assert_eq!(answer.detail().1, "business", "{}", answer.text());
    assert_eq!(
        other
            .db
            .value("SELECT count(*) FROM businesses")
            .as_integer(),
        Some(0)
    );
}

#[test]
fn columns_that_an_older_version_lacks_are_as_in_a_new_row() {
    let (stack, tenant) = with_something();
    let (other, business) = (Stack::new(), &tenant.business_id);
    let text = pages(&stack, business).concat();
    let mut page = String::new();
    let mut is_businesses = false;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("{\"table\":") {
            is_businesses = rest.starts_with("\"businesses\"");
            if is_businesses {
                page.push_str("{\"table\":\"businesses\",\"columns\":[\"name\",\"id\",\"default_region\",\"created_at\"]}\n");
            }
        } else if is_businesses && line.starts_with('[') {
            let row: Vec<serde_json::Value> = serde_json::from_str(line).unwrap();
            page.push_str(&format!("{}\n", json!([row[1], row[0], row[2], row[3]])));
        }
    }
    assert_eq!(restore_page(&other, business, &page).json["same"], 1);
    let region = other
        .db
        .sql("SELECT name, reopen_hours, embed_origins FROM businesses");
    assert_eq!(region, [["Test business".into(), 72.into(), "[]".into()]]);
}

#[test]
fn while_the_platform_token_is_replaced_both_are_good_and_nothing_else_is() {
    let stack = Stack::new();
    let status = |token: &str| {
        let call = stack.call("backup", "GET", "/api/operator/backup");
        call.bearer(token).send(handle).status
    };
    stack
        .ports
        .set("PLATFORM_TOKEN", "the-new-one, the-old-one");
    for (token, expected) in [
        ("the-new-one", 200),
        ("the-old-one", 200),
        ("the-new-one, the-old-one", 401),
        ("the-new-one,", 401),
        (",", 401),
        ("", 401),
    ] {
        assert_eq!(status(token), expected, "{token:?}");
    }
    stack.ports.set("PLATFORM_TOKEN", " , ");
    for token in ["", ",", "any"] {
        assert_eq!(status(token), 500, "{token:?}");
    }
}
