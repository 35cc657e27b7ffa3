//! What people and other invocations do while a link is fetched.

use super::fetch::URL;
use common::ports::Queue;
use refresh_crm_links::handler::refresh;
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

fn bicycle(colour: &str) -> Value {
    json!([{ "id": "b-1", "name": format!("A {colour} bicycle") }])
}

fn linked() -> (Links, String) {
    let links = Links::new();
    links.serve_json(URL, &bicycle("blue"));
    let id = links.add(URL, &json!({}));
    links.run();
    (links, id)
}

fn message(links: &Links, id: &str) -> String {
    format!("{} {id}", links.tenant.business_id)
}

fn delete(links: &Links) {
    let place = json!({ "page_id": LINKED_PAGE, "url": URL });
    assert_eq!(links.call("DELETE", "crm-links", &place).status, 200);
}

fn turn(links: &Links, is_active: bool) {
    let place = json!({ "page_id": LINKED_PAGE, "url": URL, "is_active": is_active });
    assert_eq!(links.call("PUT", "crm-links/status", &place).status, 200);
}

#[test]
fn of_two_refreshes_at_once_one_fetches() {
    let (links, id) = linked();
    links.stack.ports.take_requests();
    links.serve_json(URL, &bicycle("red"));
    let (second, woken) = (links.clone(), message(&links, &id));
    links.meanwhile(URL, move || {
        let log = second.stack.job(&woken, refresh);
        assert_eq!(log["code"], Value::Null, "{log}");
    });
    links.later();
    assert_eq!(links.stack.ports.take_requests().len(), 1);
    assert_eq!(links.link(&id)["last_fetch"]["changed"], 1);
    // A message that comes twice finds nothing due.
    links.stack.job(&message(&links, &id), refresh);
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_refresh_that_is_asked_for_meanwhile_is_done_afterwards() {
    let (links, id) = linked();
    links.stack.ports.take_requests();
    let (asking, path) = (links.clone(), format!("crm-links/{id}/refresh"));
    links.meanwhile(URL, move || {
        asking.stack.advance(1_000_000);
        assert_eq!(asking.call("POST", &path, &json!({})).status, 202);
        asking.serve_json(URL, &bicycle("red"));
    });
    links.later();
    assert_eq!(links.stack.ports.take_requests().len(), 2);
    assert!(links.stored().contains("A red bicycle"));
}

#[test]
fn a_link_that_is_deleted_while_it_is_fetched_leaves_nothing() {
    for is_first in [true, false] {
        let links = Links::new();
        links.serve_json(URL, &bicycle("blue"));
        links.add(URL, &json!({}));
        if !is_first {
            links.run();
            links.serve_json(URL, &bicycle("red"));
        }
        let deleting = links.clone();
        links.meanwhile(URL, move || delete(&deleting));
        links.later();
        assert!(links.found("bicycle").is_empty());
        links.stack.advance(121 * 1_000_000);
        links.tick();
        let stored = links.stored();
        let left = ["bicycle", "indexed_links", "knowledge_links"].map(|one| stored.contains(one));
        assert_eq!(left, [false; 3], "{stored}");
    }
}

#[test]
fn a_link_that_is_changed_while_it_is_fetched_is_fetched_as_it_is_now() {
    let (links, id) = linked();
    links.serve_json(
        URL,
        &json!([{ "id": "b-1", "name": "A red bicycle", "price": "1200 EUR" }]),
    );
    let (changing, path) = (links.clone(), format!("crm-links/{id}"));
    links.meanwhile(URL, move || {
        changing.stack.advance(1_000_000);
        let patch = json!({ "fields": { "exclude": ["price"] } });
        assert_eq!(changing.call("PATCH", &path, &patch).status, 200);
    });
    links.later();
    links.stack.advance(121 * 1_000_000);
    links.tick();
    assert!(!links.stored().contains("1200 EUR"));
    assert!(links.stored().contains("A red bicycle"));
    assert_eq!(links.link(&id)["state"], "fresh");
}

#[test]
fn a_link_that_is_renamed_while_it_is_fetched_is_fetched_and_says_so() {
    let both = json!({ "channels": ["messenger", "email"] });
    let one_off =
        json!({ "page_id": LINKED_PAGE, "url": URL, "channels": ["email"], "is_active": false });
    for (change, at) in [
        (json!({ "name": "Bicycles" }), "/name"),
        (json!({ "description": "Ours" }), "/description"),
        (json!({ "schedule_minutes": 5 }), "/schedule_minutes"),
        (json!({ "channels": ["messenger", "sms"] }), "/channels/1"),
        (one_off, "/inactive_channels/0"),
    ] {
        let (links, id) = linked();
        let path = format!("crm-links/{id}");
        assert_eq!(links.call("PATCH", &path, &both).status, 200);
        links.stack.ports.take_requests();
        links.serve_json(URL, &bicycle("red"));
        let (changing, changed) = (links.clone(), change.clone());
        links.meanwhile(URL, move || {
            changing.stack.advance(1_000_000);
            let answer = match changed.get("url") {
                None => changing.call("PATCH", &path, &changed),
                Some(_) => changing.call("PUT", "crm-links/status", &changed),
            };
            assert_eq!(answer.status, 200, "{}", answer.text());
        });
        links.later();
        let link = links.link(&id);
        assert_eq!(link["last_fetch"]["changed"], 1, "{change}");
        assert_eq!(links.stack.ports.take_requests().len(), 1, "{change}");
        let told = links.events();
        assert_eq!(told.len(), 2, "{change}");
        assert_eq!(told[1].0, "crm_link.refreshed", "{change}");
        // What was changed stands, and the next fetch is on the schedule as it is now.
        let wanted = match link["schedule_minutes"].as_i64().unwrap() {
            5 => json!(5),
            _ => change
                .get("name")
                .or(change.get("description"))
                .cloned()
                .unwrap_or_else(|| json!(if at == "/channels/1" { "sms" } else { "email" })),
        };
        assert_eq!(link.pointer(at), Some(&wanted), "{change}");
        let next = common::time::Timestamp::parse(link["next_fetch_at"].as_str().unwrap());
        let minutes = (next.unwrap().micros() - links.stack.now().micros()) / 60_000_000;
        assert_eq!(Some(minutes), link["schedule_minutes"].as_i64(), "{change}");
    }
}

#[test]
fn a_change_that_was_made_meanwhile_is_not_undone() {
    let (links, id) = linked();
    let path = format!("crm-links/{id}");
    let (other, at) = (links.clone(), path.clone());
    // At the same time, to the microsecond.
    assert_eq!(
        links.call("PATCH", &path, &json!({ "name": "B" })).status,
        200
    );
    links.stack.db.before_next_batch(move || {
        let patched = other.call("PATCH", &at, &json!({ "description": "Theirs" }));
        assert_eq!(patched.status, 200);
    });
    let patched = links.call("PATCH", &path, &json!({ "name": "Mine" }));
    assert_eq!(patched.refusal(), (409, "conflict"));
    let link = links.link(&id);
    assert_eq!(
        (&link["name"], &link["description"]),
        (&json!("B"), &json!("Theirs"))
    );
}

#[test]
fn a_link_that_is_turned_off_while_it_is_fetched_is_off() {
    let (links, id) = linked();
    links.serve_json(URL, &bicycle("red"));
    let turning = links.clone();
    links.meanwhile(URL, move || turn(&turning, false));
    links.later();
    let link = links.link(&id);
    assert_eq!(
        (&link["state"], &link["next_fetch_at"]),
        (&json!("inactive"), &Value::Null)
    );
    assert!(links.found("bicycle").is_empty());
    assert_eq!(links.events().len(), 1, "it is no news");
    links.stack.ports.take_requests();
    links.later();
    assert!(
        links.stack.ports.take_requests().is_empty(),
        "nothing is fetched of it"
    );
    turn(&links, true);
    links.run();
    assert_eq!(links.link(&id)["state"], "fresh");
    assert_eq!(links.found("red bicycle"), ["b-1"]);
}

#[test]
fn a_link_whose_worker_died_is_fetched_by_the_next() {
    let (links, id) = linked();
    links.stack.ports.take_requests();
    let far = links.stack.now().micros() + 31 * 60 * 1_000_000 + 100_000_000;
    links
        .stack
        .db
        .sql(&format!("UPDATE knowledge_links SET lease_until = {far}"));
    links.later();
    assert!(links.stack.ports.take_requests().is_empty());
    links.stack.advance(101_000_000);
    links.tick();
    assert_eq!(links.stack.ports.take_requests().len(), 1);
    assert_eq!(links.link(&id)["state"], "fresh");
}

#[test]
fn a_message_that_names_no_link_is_an_error_and_one_of_another_business_does_nothing() {
    let (links, id) = linked();
    for odd in [
        "",
        "nothing",
        "a b",
        "business 01900000-0000-7000-8000-00000000ffff ",
    ] {
        assert_ne!(links.stack.job(odd, refresh)["code"], Value::Null, "{odd}");
    }
    links.stack.advance(31 * 60 * 1_000_000);
    links.stack.ports.take_requests();
    let other = links.other();
    let log = links
        .stack
        .job(&format!("{} {id}", other.tenant.business_id), refresh);
    assert_eq!(log["code"], Value::Null);
    assert!(links.stack.ports.take_requests().is_empty());
    assert!(links.stack.ports.take_wakes(Queue::Links).is_empty());
}

#[test]
fn a_link_whose_records_are_joined_to_another_system_is_read_anew() {
    let links = Links::new();
    let order = json!([{ "id": "o-1", "customer_id": "CRM-12345", "item": "A blue bicycle" }]);
    links.serve_json(URL, &order);
    let id = links.add(
        URL,
        &json!({ "identity": { "external_id": ["customer_id"] } }),
    );
    links.run();
    let owners = || {
        links
            .stack
            .search
            .value("SELECT owners FROM chunks")
            .into_text()
            .unwrap()
    };
    assert_eq!(owners(), r#"["-"]"#, "an id of no system is nobody's");
    let patch =
        json!({ "identity": { "external_id": ["customer_id"], "external_system": "shop" } });
    assert_eq!(
        links
            .call("PATCH", &format!("crm-links/{id}"), &patch)
            .status,
        200
    );
    links.run();
    assert_eq!(owners(), r#"["x:shop:CRM-12345"]"#);
}
