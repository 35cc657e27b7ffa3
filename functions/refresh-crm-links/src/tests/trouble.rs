//! Sources that fail, and what a link says and does then.

use super::fetch::URL;
use serde_json::{Value, json};
use testkit::Links;

const MINUTE: i64 = 60 * 1_000_000;

fn bicycle(colour: &str) -> Value {
    json!([{ "id": "b-1", "name": format!("A {colour} bicycle") }])
}

/// A link that was fetched well once.
fn linked() -> (Links, String) {
    let links = Links::new();
    links.serve_json(URL, &bicycle("blue"));
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["status"], "ok");
    (links, id)
}

/// Has the source answer so at the next fetch, and gives what the link then says of it.
fn failed(links: &Links, id: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Value {
    links.serve_text(URL, status, headers, body);
    links.later();
    let link = links.link(id);
    assert_eq!(link["last_fetch"]["status"], "failed", "{link}");
    assert_eq!(
        (&link["state"], &link["is_active"]),
        (&json!("failing"), &json!(true))
    );
    assert_eq!(
        links.found("blue bicycle"),
        ["b-1"],
        "what was there is searched on"
    );
    link
}

/// In how many minutes the link is fetched next.
fn minutes_to_next(links: &Links, link: &Value) -> i64 {
    let next = link["next_fetch_at"]
        .as_str()
        .and_then(common::time::Timestamp::parse);
    (next.unwrap().micros() - links.stack.now().micros()) / MINUTE
}

fn said(link: &Value) -> &str {
    link["last_fetch"]["error"].as_str().unwrap()
}

#[test]
fn what_somebody_has_to_mend_is_told_and_waits_for_the_schedule() {
    let html = "<!doctype html><html><title>Sign in</title><body>Please sign in</body></html>";
    for (status, kind, body, word) in [
        (
            401,
            "application/json",
            r#"{"error":"expired key"}"#,
            "expired key",
        ),
        (404, "text/plain", "no such thing", "URL"),
        (200, "text/html", html, "web page"),
    ] {
        let (links, id) = linked();
        let link = failed(&links, &id, status, &[("content-type", kind)], body);
        assert!(said(&link).contains(word), "{status}: {}", said(&link));
        assert_eq!(minutes_to_next(&links, &link), 30, "{status}");
    }
}

#[test]
fn what_may_pass_is_tried_again_with_longer_and_longer_waits() {
    for (status, body) in [(500, "oops"), (429, "slow down"), (200, ""), (503, "")] {
        let (links, id) = linked();
        let link = failed(
            &links,
            &id,
            status,
            &[("content-type", "application/json")],
            body,
        );
        assert_eq!(
            minutes_to_next(&links, &link),
            1,
            "{status}: {}",
            said(&link)
        );
        let mut waits = Vec::new();
        for _ in 0..6 {
            links
                .stack
                .advance(minutes_to_next(&links, &links.link(&id)) * MINUTE);
            links.tick();
            waits.push(minutes_to_next(&links, &links.link(&id)));
        }
        assert_eq!(waits, [2, 4, 8, 16, 30, 30], "{status}");
        links.serve_json(URL, &bicycle("red"));
        links.later();
        assert_eq!(links.link(&id)["last_fetch"]["changed"], 1);
        assert_eq!(minutes_to_next(&links, &links.link(&id)), 30);
    }
}

#[test]
fn a_source_that_says_when_to_come_again_is_asked_then() {
    let (links, id) = linked();
    let link = failed(&links, &id, 429, &[("retry-after", "600")], "{}");
    assert_eq!(minutes_to_next(&links, &link), 10);
    assert!(said(&link).contains("429"), "{}", said(&link));
    let (links, id) = linked();
    let link = failed(&links, &id, 503, &[("retry-after", "604800")], "{}");
    assert_eq!(minutes_to_next(&links, &link), 6 * 60, "at most");
}

#[test]
fn events_tell_once_that_a_link_fails_and_once_that_it_is_well_again() {
    let (links, id) = linked();
    for _ in 0..3 {
        failed(&links, &id, 500, &[], "oops");
    }
    links.serve_json(URL, &bicycle("blue"));
    links.later();
    links.later();
    let events = links.events();
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "crm_link.refreshed",
            "crm_link.failed",
            "crm_link.refreshed"
        ]
    );
    let failed = &events[1].1;
    assert_eq!(failed["crm_link"]["id"], id);
    assert_eq!(
        (&failed["crm_link"]["url"], &failed["fetch"]["status"]),
        (&json!(URL), &json!("failed"))
    );
    assert_eq!(events[0].1["fetch"]["records"], 1);
    assert_eq!(links.link(&id)["last_fetch"]["error"], Value::Null);
}

#[test]
fn a_source_that_says_that_nothing_changed_is_believed() {
    let links = Links::new();
    let kind = ("content-type", "application/json");
    links.serve_text(
        URL,
        200,
        &[kind, ("etag", "\"v1\"")],
        &bicycle("blue").to_string(),
    );
    let id = links.add(URL, &json!({}));
    links.run();
    links.stack.ports.take_requests();
    links.serve_text(URL, 304, &[], "");
    for _ in 0..2 {
        links.later();
        let link = links.link(&id);
        assert_eq!(
            (&link["last_fetch"]["status"], &link["state"]),
            (&json!("not_modified"), &json!("fresh"))
        );
        assert_eq!(link["last_fetch"]["records"], 1);
    }
    for request in links.stack.ports.take_requests() {
        assert!(
            request
                .headers
                .contains(&("if-none-match", "\"v1\"".into())),
            "{request:?}"
        );
    }
    // What is fetched changes, so that what was fetched says nothing.
    let patch = json!({ "fields": { "exclude": ["id"] } });
    links.call("PATCH", &format!("crm-links/{id}"), &patch);
    links.run();
    let request = &links.stack.ports.take_requests()[0];
    assert!(
        request
            .headers
            .iter()
            .all(|(name, _)| *name != "if-none-match"),
        "{request:?}"
    );
}

#[test]
fn a_list_that_shrinks_for_a_minute_loses_nothing() {
    let list = |count: usize| {
        let one = |n: usize| json!({ "id": format!("b-{n}"), "name": format!("Bicycle {n}") });
        json!((0..count).map(one).collect::<Vec<_>>())
    };
    let linked = || {
        let links = Links::new();
        links.serve_json(URL, &list(20));
        let id = links.add(URL, &json!({}));
        links.run();
        links.serve_json(URL, &list(0));
        links.later();
        let link = links.link(&id);
        assert_eq!(link["state"], "suspect_shrink", "{link}");
        assert!(said(&link).contains("accept_shrink"));
        assert_eq!(links.found("b-7")[0], "b-7");
        assert_eq!(links.events().last().unwrap().0, "crm_link.failed");
        (links, id)
    };
    // It was a moment's.
    let (links, id) = linked();
    links.serve_json(URL, &list(20));
    links.later();
    assert_eq!(links.link(&id)["state"], "fresh");
    links.serve_json(URL, &list(5));
    links.later();
    assert_eq!(links.link(&id)["state"], "suspect_shrink", "each time anew");
    // It is so.
    let (links, id) = linked();
    links.later();
    let fetch = links.link(&id)["last_fetch"].clone();
    assert_eq!(
        (&fetch["status"], &fetch["removed"]),
        (&json!("ok"), &json!(20))
    );
    assert!(links.found("b-7").is_empty());
    // Somebody says so.
    let (links, id) = linked();
    let asked = links.call(
        "POST",
        &format!("crm-links/{id}/refresh"),
        &json!({ "accept_shrink": true }),
    );
    assert_eq!(asked.status, 202);
    links.run();
    assert!(links.found("b-7").is_empty());
    // A little less is no shrink.
    let links = Links::new();
    links.serve_json(URL, &list(20));
    let id = links.add(URL, &json!({}));
    links.run();
    links.serve_json(URL, &list(10));
    links.later();
    assert_eq!(links.link(&id)["last_fetch"]["removed"], 10);
}
