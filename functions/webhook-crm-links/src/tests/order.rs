//! Pushes that come twice, late, or while others are put in.

use super::{Pushed, bicycle};
use serde_json::json;

#[test]
fn a_push_that_comes_twice_is_one() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([bicycle("b-1", "blue")]), 0);
    pushed.push("msg-2", &json!({ "remove": ["b-1"] }), 0);
    let again = pushed.signed("msg-1", &json!([bicycle("b-1", "blue")]).to_string(), 0);
    assert_eq!(again.status, 202);
    pushed.links.run();
    assert!(pushed.links.found("bicycle").is_empty());
    let fetches = pushed
        .links
        .stack
        .db
        .value("SELECT json_array_length(fetches) FROM knowledge_links");
    assert_eq!(fetches.as_integer(), Some(2), "nothing was done for it");
}

#[test]
fn what_was_sent_before_what_is_known_is_ignored() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([bicycle("b-1", "blue")]), 200);
    pushed.push("msg-3", &json!([bicycle("b-1", "green")]), 50);
    pushed.push(
        "msg-2",
        &json!([bicycle("b-1", "red"), bicycle("b-2", "white")]),
        100,
    );
    let stored = pushed.links.stored();
    assert!(
        stored.contains("A green") && !stored.contains("A red") && stored.contains("A white"),
        "{stored}"
    );
    pushed.push("msg-0", &json!({ "remove": ["b-1"] }), 120);
    assert_eq!(
        pushed.links.found("green bicycle")[0],
        "b-1",
        "it was put later"
    );
    pushed.push("msg-5", &json!({ "remove": ["b-1"] }), 10);
    pushed.push("msg-4", &json!([bicycle("b-1", "black")]), 20);
    assert!(
        !pushed.links.found("bicycle").contains(&"b-1".to_owned()),
        "it was removed later"
    );
    pushed.push("msg-6", &json!([bicycle("b-1", "yellow")]), 0);
    assert_eq!(pushed.links.found("yellow bicycle")[0], "b-1");
}

#[test]
fn what_was_said_again_later_is_as_new_as_that() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([bicycle("b-1", "blue")]), 200);
    pushed.push("msg-3", &json!([bicycle("b-1", "blue")]), 50);
    pushed.push("msg-2", &json!([bicycle("b-1", "red")]), 100);
    assert!(!pushed.links.stored().contains("A red"));
}

#[test]
fn pushes_that_wait_are_put_in_as_they_were_sent() {
    let pushed = Pushed::new();
    let push = |name: &str, colour: &str, seconds_ago: i64| {
        let body = json!([bicycle("b-1", colour)]).to_string();
        assert_eq!(pushed.signed(name, &body, seconds_ago).status, 202);
        pushed.links.stack.advance(1000);
    };
    push("msg-z", "red", 10);
    push("msg-y", "green", 20);
    // Within one second, as they came.
    push("msg-b", "black", 5);
    push("msg-a", "white", 5);
    pushed.links.run();
    let stored = pushed.links.stored();
    assert!(stored.contains("A white"), "{stored}");
    assert!(
        !["A red", "A green", "A black"]
            .iter()
            .any(|one| stored.contains(one)),
        "{stored}"
    );
}

#[test]
fn a_push_that_comes_while_others_are_put_in_is_put_in_too() {
    let pushed = Pushed::new();
    assert_eq!(
        pushed
            .signed("msg-1", &json!([bicycle("b-1", "blue")]).to_string(), 0)
            .status,
        202
    );
    let later = (pushed.links.clone(), pushed.id.clone());
    // Stored behind the last look for more, by a request that began when the first was due.
    let (links, id) = later;
    pushed.links.stack.search.before_next_batch(move || {
        let path = format!("/api/webhooks/crm-links/{id}");
        let call = links.stack.call("webhook-crm-links", "POST", &path);
        let taken = call
            .bearer(super::TOKEN)
            .json(&json!([bicycle("b-2", "red")]));
        assert_eq!(taken.send(webhook_crm_links::handler::handle).status, 202);
    });
    pushed.links.run();
    pushed.links.stack.advance(1_000_000);
    pushed.links.tick();
    assert_eq!(pushed.links.found("red bicycle")[0], "b-2");
    let waiting = pushed
        .links
        .stack
        .db
        .value("SELECT count(*) FROM knowledge_pushes WHERE body <> ''");
    assert_eq!(waiting.as_integer(), Some(0));
}

#[test]
fn many_pushes_are_put_in_by_and_by() {
    let pushed = Pushed::new();
    for n in 0..30 {
        let body = json!({ "records": [bicycle(&format!("b-{n}"), "blue")] }).to_string();
        assert_eq!(pushed.signed(&format!("msg-{n}"), &body, 0).status, 202);
    }
    pushed.links.run();
    assert_eq!(pushed.links.link(&pushed.id)["last_fetch"]["records"], 30);
    assert_eq!(pushed.links.found("b-29")[0], "b-29");
}

#[test]
fn a_link_that_is_deleted_takes_its_pushes_along() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([bicycle("b-1", "blue")]), 0);
    assert_eq!(
        pushed
            .signed("msg-2", &json!([bicycle("b-2", "red")]).to_string(), 0)
            .status,
        202
    );
    let place = json!({ "page_id": testkit::LINKED_PAGE, "url": super::URL });
    assert_eq!(pushed.links.call("DELETE", "crm-links", &place).status, 200);
    assert_eq!(
        pushed
            .with_token(super::TOKEN, &bicycle("b-3", "green"))
            .status,
        404
    );
    pushed.links.run();
    let stored = pushed.links.stored();
    assert!(
        !stored.contains("bicycle") && !stored.contains("knowledge_"),
        "{stored}"
    );
}

#[test]
fn an_id_that_is_too_long_names_no_push() {
    let pushed = Pushed::new();
    let body = json!([bicycle("b-1", "blue")]).to_string();
    let refused = pushed.signed(&"x".repeat(201), &body, 0);
    assert_eq!(refused.refusal(), (401, "invalid_signature"));
    assert_eq!(pushed.signed(&"x".repeat(200), &body, 0).status, 202);
}

#[test]
fn what_a_push_both_puts_and_takes_away_is_away() {
    let pushed = Pushed::new();
    let both =
        json!({ "records": [bicycle("b-1", "blue"), bicycle("b-2", "red")], "remove": ["b-1", 3] });
    pushed.push("msg-1", &json!([bicycle("3", "white")]), 10);
    pushed.push("msg-2", &both, 0);
    assert_eq!(pushed.links.found("bicycle"), ["b-2"]);
    let path = format!("crm-links/{}/refresh", pushed.id);
    assert_eq!(pushed.links.call("POST", &path, &json!({})).status, 202);
    pushed.links.run();
    assert_eq!(pushed.links.found("bicycle"), ["b-2"], "nor is it kept");
}

#[test]
fn a_push_that_exceeds_what_there_may_be_is_told_and_what_was_there_stays() {
    let pushed = Pushed::new();
    pushed.push(
        "msg-1",
        &json!([bicycle("b-1", "blue"), bicycle("b-2", "blue")]),
        50,
    );
    let has = |chunks: u32, records: u32| {
        let sql = format!("UPDATE indexed_links SET chunks = {chunks}, records = {records}");
        pushed.links.stack.search.sql(&sql);
    };
    let status = || pushed.links.link(&pushed.id)["last_fetch"]["status"].clone();
    has(24_999, 2);
    pushed.push(
        "msg-2",
        &json!([bicycle("b-3", "red"), bicycle("b-4", "red")]),
        40,
    );
    assert_eq!(status(), "failed");
    has(2, 50_000);
    pushed.push("msg-3", &json!([bicycle("b-3", "red")]), 30);
    assert_eq!(status(), "failed");
    assert!(!pushed.links.stored().contains("A red"));
    pushed.push("msg-4", &json!([bicycle("b-1", "green")]), 20);
    assert_eq!(status(), "ok", "one in the place of another");
    assert!(pushed.links.stored().contains("A green"));
    has(2, 2);
    pushed.push("msg-5", &json!([bicycle("b-3", "red")]), 10);
    assert_eq!(status(), "ok");
    let counted = "SELECT records FROM indexed_links";
    assert_eq!(
        pushed.links.stack.search.value(counted).as_integer(),
        Some(3)
    );
}
