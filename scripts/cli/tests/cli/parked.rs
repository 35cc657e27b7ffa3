//! `tieline parked`.

use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::terminal::{Outcome, run};

fn delivery(key: &str, state: &str) -> Value {
    json!({"key": key, "receiver": "meta", "state": state, "tries": 20, "code": "malformed_json",
        "message": "The body is\nnot valid JSON.", "first_tried_at": "2026-11-21T10:00:00.000000Z",
        "last_tried_at": "2026-11-21T10:20:00.000000Z"})
}

/// A deployment with two pages of them.
fn server(state: &'static str) -> Server {
    Server::start(move |_, request| {
        let is_second = request.path.contains("cursor=abc");
        let (key, cursor) = match is_second {
            true => ("inbound/meta/b/2", Value::Null),
            false => ("inbound/meta/a/1", json!("abc")),
        };
        let page = json!({"deliveries": [delivery(key, state)], "has_more": !is_second,
            "next_cursor": cursor});
        Reply::json(200, &page)
    })
}

fn list(server: &Server, more: &[&str]) -> Outcome {
    let command = ["parked", "list", "--base-url", &server.url];
    run(&[&command[..], &["--platform-token", "platform-1"], more].concat())
}

#[test]
fn parked_deliveries_are_listed_with_why_they_failed_and_all_pages() {
    let server = server("waiting");
    let outcome = list(&server, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    for part in [
        "inbound/meta/a/1",
        "inbound/meta/b/2",
        "malformed_json: The body is not",
        "waiting",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let request = &server.requests()[0];
    assert_eq!(
        request.path,
        "/functions/v1/api/dashboard/parked-deliveries"
    );
    assert_eq!(request.header("authorization"), Some("Bearer platform-1"));
}

#[test]
fn one_that_was_given_up_shows_in_the_exit_code() {
    assert_eq!(list(&server("dead"), &[]).exit, 1);
    let printed = list(&server("dead"), &["--json"]);
    let first = printed.out.lines().next().unwrap();
    let page: Value = serde_json::from_str(first).unwrap();
    assert_eq!(
        (printed.exit, &page["deliveries"][0]["state"]),
        (1, &json!("dead"))
    );
}

#[test]
fn where_nothing_failed_it_says_so() {
    let empty = Server::start(|_, _| {
        let page = json!({"deliveries": [], "has_more": false, "next_cursor": null});
        Reply::json(200, &page)
    });
    let outcome = list(&empty, &[]);
    assert_eq!(
        (outcome.exit, outcome.out.trim()),
        (0, "No parked delivery has failed.")
    );
}
