//! `tieline keys`.

use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::terminal::{Outcome, run};

fn reseal(server: &Server, more: &[&str]) -> Outcome {
    let command = ["keys", "reseal", "--base-url", &server.url];
    run(&[&command[..], &["--platform-token", "platform-1"], more].concat())
}

fn slice(resealed: u64, remaining: u64, next: Option<&str>, failed: &Value) -> Reply {
    let body = json!({"key_id": "6bf93c57", "resealed": resealed, "failed": failed,
        "remaining": remaining, "has_more": next.is_some(), "next_cursor": next});
    Reply::json(200, &body)
}

#[test]
fn slice_after_slice_is_sealed_anew_until_none_is_left() {
    let server = Server::start(|n, _| match n {
        0 => slice(50, 1180, Some("a"), &json!([])),
        1 => Reply::status(503),
        2 => slice(1180, 0, None, &json!([])),
        _ => Reply::status(500),
    });
    let outcome = reseal(&server, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    let request = &requests[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "/functions/v1/api/dashboard/secrets/reseal");
    assert_eq!(request.header("authorization"), Some("Bearer platform-1"));
    assert_eq!(request.json(), json!({}));
    assert_eq!(requests[2].json(), json!({"cursor": "a"}));
    assert!(
        outcome.err.contains("50 sealed anew, 1,180 left"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .out
            .contains("1,230 secrets sealed under the master key 6bf93c57")
    );
    assert!(outcome.out.contains("No other master key is in use"));
}

#[test]
fn what_cannot_be_opened_is_listed_with_the_id_of_its_key() {
    let failed = json!([{"column": "channels.credentials", "business_id": "biz-1", "id": "ch-1",
        "key_id": "cabf5820", "reason": "unknown_master_key"}]);
    let server = Server::start(move |_, _| slice(3, 1, None, &failed));
    let outcome = reseal(&server, &["--quiet"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    for part in [
        "channels.credentials",
        "ch-1",
        "biz-1",
        "cabf5820",
        "keep that in MASTER_KEYS",
    ] {
        assert!(outcome.err.contains(part), "{part}: {outcome:?}");
    }
    assert!(!outcome.err.contains("sealed anew"), "{outcome:?}");
}

#[test]
fn a_server_that_stays_away_stops_it_and_says_how_to_go_on() {
    let server = Server::start(|_, _| Reply::status(503));
    let outcome = reseal(&server, &["--max-retries", "1"]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    assert!(
        outcome.err.contains("goes on with what is left"),
        "{outcome:?}"
    );
}
