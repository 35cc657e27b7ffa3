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

fn list(count: usize) -> Value {
    let one = |n: usize| json!({ "id": format!("b-{n}"), "name": format!("Bicycle {n}") });
    json!((0..count).map(one).collect::<Vec<_>>())
}

/// A link that had twenty records, and then fewer.
fn shrunk(to: usize) -> (Links, String) {
    let links = Links::new();
    links.serve_json(URL, &list(20));
    let id = links.add(URL, &json!({}));
    links.run();
    let link = fetched(&links, &id, to);
    assert_eq!(link["state"], "suspect_shrink", "{link}");
    (links, id)
}

/// The link behind the next fetch, which has so many records.
fn fetched(links: &Links, id: &str, count: usize) -> Value {
    links.serve_json(URL, &list(count));
    links.later();
    let link = links.link(id);
    assert_eq!(link["last_fetch"]["records"], count);
    link
}

#[test]
fn a_list_that_shrinks_for_a_minute_loses_nothing() {
    let (links, id) = shrunk(0);
    assert!(said(&links.link(&id)).contains("accept_shrink"));
    assert_eq!(links.found("b-7")[0], "b-7");
    assert_eq!(links.events().last().unwrap().0, "crm_link.failed");
    // It was a moment's.
    assert_eq!(fetched(&links, &id, 20)["state"], "fresh");
    let link = fetched(&links, &id, 5);
    assert_eq!(link["state"], "suspect_shrink", "each time anew");
    // A little less is no shrink.
    let links = Links::new();
    links.serve_json(URL, &list(20));
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(fetched(&links, &id, 10)["last_fetch"]["removed"], 10);
}

#[test]
fn a_list_that_stays_small_is_believed_and_one_that_shrinks_on_is_not() {
    for (first, second, is_believed) in [
        (0, 0, true),
        (0, 3, true),
        (8, 8, true),
        (8, 4, true),
        (4, 8, true),
        (8, 3, false),
        (8, 0, false),
        (3, 8, false),
        (0, 9, false),
    ] {
        let (links, id) = shrunk(first);
        let link = fetched(&links, &id, second);
        let state = if is_believed {
            "fresh"
        } else {
            "suspect_shrink"
        };
        assert_eq!(link["state"], state, "{first}, then {second}");
        if !is_believed {
            assert_eq!(links.found("b-19")[0], "b-19", "{first}, then {second}");
            // What is suspected now is the later count.
            let link = fetched(&links, &id, second);
            assert_eq!(link["state"], "fresh", "{first}, then {second} twice");
        }
        let removed = &links.link(&id)["last_fetch"]["removed"];
        assert_eq!(removed, &json!(20 - second), "{first}, then {second}");
        assert!(!links.found("b-19").contains(&"b-19".to_owned()));
    }
}

#[test]
fn somebody_may_say_that_few_records_are_right_and_a_failure_does_not_unsay_it() {
    let accept = |links: &Links, id: &str| {
        let path = format!("crm-links/{id}/refresh");
        let asked = links.call("POST", &path, &json!({ "accept_shrink": true }));
        assert_eq!(asked.status, 202);
    };
    let (links, id) = shrunk(8);
    accept(&links, &id);
    links.serve_text(URL, 500, &[], "oops");
    links.run();
    assert_eq!(links.link(&id)["state"], "failing");
    assert_eq!(fetched(&links, &id, 1)["last_fetch"]["removed"], 19);
    // What fails leaves a suspicion, too.
    let (links, id) = shrunk(8);
    links.serve_text(URL, 500, &[], "oops");
    links.later();
    assert_eq!(fetched(&links, &id, 8)["state"], "fresh");
    // Said while a fetch is under way, it is for the one that was asked for.
    let links = Links::new();
    links.serve_json(URL, &list(20));
    let id = links.add(URL, &json!({}));
    links.run();
    links.serve_json(URL, &list(8));
    let (accepting, of) = (links.clone(), id.clone());
    links.meanwhile(URL, move || {
        accepting.stack.advance(1_000_000);
        accept(&accepting, &of);
        let (serving, shrinks) = (accepting.clone(), list(1));
        accepting.meanwhile(URL, move || serving.serve_json(URL, &shrinks));
    });
    links.later();
    let link = links.link(&id);
    assert_eq!(
        (&link["state"], &link["last_fetch"]["removed"]),
        (&json!("fresh"), &json!(19))
    );
}
