//! Answers that nobody would have thought of.

use super::fetch::URL;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{LINKED_PAGE, Links};

fn fetched(body: &str) -> (Links, Value) {
    let links = Links::new();
    links.serve_text(URL, 200, &[("content-type", "application/json")], body);
    let id = links.add(URL, &json!({}));
    for log in links.run() {
        assert_eq!(log["code"], Value::Null, "{log}");
    }
    let link = links.link(&id);
    (links, link)
}

fn keys(links: &Links) -> BTreeSet<String> {
    let path = format!("rag/documents/details?page_id={LINKED_PAGE}&limit=200");
    let list = links.call("GET", &path, &Value::Null).json;
    let documents = list["documents"].as_array().unwrap().iter();
    documents
        .map(|one| one["record_key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_list_within_ten_thousand_others_is_refused_or_read_and_breaks_nothing() {
    let deep = format!("{}{{\"id\": 1}}{}", "[".repeat(10_000), "]".repeat(10_000));
    let (_, link) = fetched(&deep);
    assert!(
        matches!(link["state"].as_str(), Some("failing" | "fresh")),
        "{link}"
    );
    let field = format!(
        "[{{\"id\": 1, \"a\": {}{}}}]",
        "{\"b\":".repeat(10_000),
        "1".to_owned() + &"}".repeat(10_000)
    );
    let (_, link) = fetched(&field);
    assert!(
        matches!(link["state"].as_str(), Some("failing" | "fresh")),
        "{link}"
    );
}

/// What nobody should send takes nothing away of what there was, and is told.
#[test]
fn whatever_comes_in_the_place_of_a_list_what_there_was_is_searched_on() {
    let millions = format!("[{}{{}}]", "{},".repeat(1_000_000));
    let graphql = r#"{"errors": [{"message": "Field 'nam' does not exist"}], "data": null}"#;
    let next = r#"{"data": [], "next": "https://elsewhere.example/api"}"#;
    for (kind, body, settings, word) in [
        (
            "application/json",
            millions.as_str(),
            json!({}),
            "50,000 records",
        ),
        ("application/json", "[{\"id\": 1", json!({}), "broke off"),
        (
            "application/json",
            graphql,
            json!({ "query": "{ nam }" }),
            "does not exist",
        ),
        ("application/json", next, json!({}), "elsewhere.example"),
        ("text/csv", "id;name\n1;\"open", json!({}), "never closed"),
        ("text/html", "<title>Sign in</title>", json!({}), "web page"),
        (
            "application/xml",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            json!({}),
            ".",
        ),
        (
            "application/octet-stream",
            "\u{0}\u{1}\u{2}",
            json!({}),
            ".",
        ),
    ] {
        let links = Links::new();
        links.serve_json(URL, &json!([{ "id": "b-1", "name": "A blue bicycle" }]));
        let id = links.add(URL, &settings);
        links.run();
        assert_eq!(links.found("blue bicycle"), ["b-1"], "{word}");
        links.stack.ports.take_requests();
        links.serve_text(URL, 200, &[("content-type", kind)], body);
        links.later();
        let link = links.link(&id);
        let said = link["last_fetch"]["error"].as_str().unwrap();
        assert_eq!(link["state"], "failing", "{word}: {link}");
        assert!(said.contains(word) && said.len() < 600, "{word}: {said}");
        assert_eq!(links.found("blue bicycle"), ["b-1"], "{said}");
        let asked = links.stack.ports.take_requests();
        assert!(asked.iter().all(|request| request.url == URL), "{said}");
    }
}

#[test]
fn a_table_of_a_spreadsheet_is_read_with_its_mark_and_its_semicolons() {
    let links = Links::new();
    let table = "\u{feff}Kundennr;Name;Bemerkung\r\n7;M\u{fc}ller;\"Rad; blau\"\r\n";
    links.serve_text(URL, 200, &[("content-type", "text/csv")], table);
    let id = links.add(URL, &json!({ "type": "file", "key": "Kundennr" }));
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["records"], 1);
    assert_eq!(links.found("Rad blau"), ["7"]);
}

#[test]
fn keys_with_control_characters_are_stored_without_them() {
    let (links, link) =
        fetched("[{\"id\": \"a\\u0000\\u001b[31m\\nb\", \"na\\u0000me\\n\": \"A blue bicycle\"}]");
    assert_eq!(link["last_fetch"]["records"], 1, "{link}");
    for key in keys(&links) {
        assert!(!key.chars().any(char::is_control), "{key:?}");
    }
    let path = format!("rag/documents/details?page_id={LINKED_PAGE}");
    let list = links.call("GET", &path, &Value::Null).json;
    let text = list["documents"][0]["content"].as_str().unwrap();
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
    assert_eq!(links.found("blue bicycle").len(), 1);
}

#[test]
fn records_without_ids_are_the_same_as_long_as_they_are_not_changed() {
    let body =
        json!([{ "question": "Do you ship to Cork?" }, { "question": "Do you repair wheels?" }]);
    let (links, link) = fetched(&body.to_string());
    assert_eq!(keys(&links).len(), 2);
    links.serve_json(URL, &json!([body[1], body[0]]));
    links.later();
    let fetch = links.link(link["id"].as_str().unwrap())["last_fetch"].clone();
    assert_eq!(
        (&fetch["changed"], &fetch["removed"]),
        (&json!(0), &json!(0))
    );
    links.serve_json(
        URL,
        &json!([body[1], { "question": "Do you ship to Galway?" }]),
    );
    links.later();
    let fetch = links.link(link["id"].as_str().unwrap())["last_fetch"].clone();
    assert_eq!(
        (&fetch["changed"], &fetch["removed"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn of_two_records_with_one_id_one_is_taken_and_the_other_told() {
    let body = json!([
        { "id": 7, "name": "First" }, { "id": 7, "name": "Second" }, { "id": 8, "name": "Third" },
    ]);
    let (links, link) = fetched(&body.to_string());
    assert_eq!(
        keys(&links),
        BTreeSet::from(["7".to_owned(), "8".to_owned()])
    );
    assert_eq!(link["last_fetch"]["records"], 2);
    let said = link["last_fetch"]["error"].as_str().unwrap();
    assert!(said.starts_with("1 ") && said.contains("`key`"), "{said}");
    links.later();
    assert_eq!(
        links.link(link["id"].as_str().unwrap())["last_fetch"]["changed"],
        0
    );
}

#[test]
fn numbers_and_dates_for_ids_name_records() {
    let body = json!([
        { "id": "2026-01-02T03:04:05Z", "name": "a" }, { "id": 12345678901234567890_u64, "name": "b" },
        { "id": 1.5, "name": "c" }, { "id": true, "name": "d" }, { "id": null, "name": "e" },
        { "id": {}, "name": "f" }, { "id": "x".repeat(1000), "name": "g" },
    ]);
    let (links, link) = fetched(&body.to_string());
    assert_eq!(link["last_fetch"]["records"], 7, "{link}");
    let keys = keys(&links);
    assert!(
        keys.contains("2026-01-02T03:04:05Z") && keys.contains("12345678901234567890"),
        "{keys:?}"
    );
    assert!(keys.iter().all(|key| key.chars().count() <= 200));
}

#[test]
fn what_is_secret_in_a_record_is_masked_and_counted() {
    let body =
        json!([{ "id": 1, "name": "Ann", "card": "4111 1111 1111 1111", "password": "hunter2!" }]);
    let (links, link) = fetched(&body.to_string());
    assert_eq!(link["last_fetch"]["masked"], 2, "{link}");
    let stored = links.stored();
    assert!(!stored.contains("4111 1111") && !stored.contains("hunter2!"));
}

#[test]
fn records_of_two_businesses_never_mix() {
    let links = Links::new();
    let other = links.other();
    links.serve_json(
        URL,
        &json!([{ "id": "same", "name": "A blue bicycle of ours" }]),
    );
    let ours = links.add(URL, &json!({}));
    let theirs = other.add(URL, &json!({}));
    links.run();
    assert_eq!(
        (links.found("bicycle"), other.found("bicycle")),
        (vec!["same".to_owned()], vec!["same".to_owned()])
    );
    let delete = json!({ "page_id": LINKED_PAGE, "url": URL });
    assert_eq!(other.call("DELETE", "crm-links", &delete).status, 200);
    links.run();
    assert_eq!(links.found("bicycle"), ["same"]);
    assert!(other.found("bicycle").is_empty());
    assert_eq!(links.link(&ours)["state"], "fresh");
    assert_eq!(
        other
            .call("GET", &format!("crm-links/{theirs}"), &Value::Null)
            .status,
        404
    );
    assert_eq!(links.events().len(), 1);
}
