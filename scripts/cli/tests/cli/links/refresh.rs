//! Fetching a link now, and waiting for it.

use serde_json::{Value, json};

use super::{ID, dashboard, fetch, link, links, sent};
use crate::server::{Reply, Server};

#[test]
fn a_refresh_waits_until_what_was_asked_for_is_done() {
    let before = fetch("2026-11-23T10:00:00Z", "ok");
    let other = fetch("2026-11-23T10:01:00Z", "ok");
    let after = fetch("2026-11-23T10:02:00Z", "ok");
    let asked = "2026-11-23T10:00:59Z";
    let server = dashboard(move |n, path| {
        let crm_link = match n {
            0 => link("Customers", &before, asked),
            1 => return Reply::status(503),
            2 => link("Customers", &before, asked),
            // The end of a fetch that was under way already.
            3 => link("Customers", &other, asked),
            _ => link("Customers", &after, "2026-11-23T10:32:00Z"),
        };
        let is_refresh = path == format!("crm-links/{ID}/refresh");
        assert!(if n == 0 {
            is_refresh
        } else {
            path == format!("crm-links/{ID}")
        });
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait", "--accept-shrink"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out.trim(),
        "Customers is fetched: 1,200 records, 3 changed, 1 removed, 2 values masked; 1.2 MB in 3.4 s."
    );
    assert!(outcome.err.contains("retry 1"), "{outcome:?}");
    let requests = sent(&server);
    assert_eq!(requests.len(), 5);
    assert_eq!(requests[0].json(), json!({"accept_shrink": true}));
}

#[test]
fn a_refresh_without_waiting_only_asks() {
    let server = dashboard(|_, _| {
        let crm_link = link("Customers", &Value::Null, "2026-11-23T10:00:00Z");
        Reply::json(202, &json!({"crm_link": crm_link}))
    });
    let outcome = links(&server, &["refresh", ID]);
    assert_eq!((outcome.exit, sent(&server).len()), (0, 1), "{outcome:?}");
    assert!(outcome.waits.is_empty(), "{outcome:?}");
    assert_eq!(sent(&server)[0].json(), json!({}));
}

/// A dashboard whose link ends with this fetch.
fn ends_with(status: &'static str) -> Server {
    dashboard(move |n, _| {
        let mut last = fetch(
            if n == 0 {
                "2026-11-23T10:00:00Z"
            } else {
                "2026-11-23T10:02:00Z"
            },
            status,
        );
        last["error"] = json!("The source answers 401.\nCheck the key.");
        let next = if n == 0 {
            "2026-11-23T10:01:00Z"
        } else {
            "2026-11-23T10:32:00Z"
        };
        let crm_link = link("Customers", &last, next);
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    })
}

#[test]
fn a_fetch_that_fails_or_that_nobody_believes_shows_in_the_exit_code() {
    let failed = links(&ends_with("failed"), &["refresh", ID, "--wait"]);
    assert_eq!(failed.exit, 1, "{failed:?}");
    assert!(
        failed
            .out
            .contains("The source answers 401. Check the key."),
        "{failed:?}"
    );
    let shrunk = links(
        &ends_with("suspect_shrink"),
        &["refresh", ID, "--wait", "--quiet"],
    );
    assert_eq!(shrunk.exit, 1, "{shrunk:?}");
    assert!(shrunk.out.contains("--accept-shrink"), "{shrunk:?}");
    assert_eq!(shrunk.err, "");
    let same = links(
        &ends_with("not_modified"),
        &["refresh", ID, "--wait", "--json"],
    );
    let printed: Value = serde_json::from_str(&same.out).unwrap();
    assert_eq!((same.exit, &printed["crm_link"]["id"]), (0, &json!(ID)));
}

#[test]
fn waiting_ends_after_its_limit_and_says_that_the_server_goes_on() {
    let server = dashboard(|n, _| {
        let crm_link = link("Customers", &Value::Null, "2026-11-23T10:01:00Z");
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait", "--wait-limit", "9"]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    assert!(outcome.err.contains("after 9 s"), "{outcome:?}");
    assert!(outcome.err.contains("tieline links status"), "{outcome:?}");
    let waited: Vec<_> = outcome
        .waits
        .iter()
        .map(std::time::Duration::as_millis)
        .collect();
    assert_eq!(waited, [500, 1000, 2000, 4000, 1500]);
}

#[test]
fn a_link_that_is_switched_off_meanwhile_is_not_waited_for() {
    let server = dashboard(|n, _| {
        let mut crm_link = link("Customers", &Value::Null, "2026-11-23T10:01:00Z");
        crm_link["is_active"] = json!(n == 0);
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("switched off"), "{outcome:?}");
}
