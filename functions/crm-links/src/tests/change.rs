use super::status::at;
use super::{NOBODY, URL, get, page, refuses_callers, refuses_ids};
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

/// A database that there may be.
const DATABASE: &str = "postgres://reader@db.example.com/crm";

fn link(more: &Value) -> Value {
    let mut link = json!({
        "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Customers", "url": URL,
        "is_active": true,
    });
    for (name, value) in more.as_object().unwrap() {
        link[name] = value.clone();
    }
    link
}

/// How often links were woken since this was asked last.
pub(super) fn wakes(links: &Links) -> usize {
    links.stack.ports.take_wakes(Queue::Links).len()
}

#[test]
fn crm_link_add_answers_with_a_link_that_is_fetched_at_once_if_it_is_on() {
    let links = Links::new();
    let id = links.add(URL, &json!({ "is_active": false }));
    assert_eq!(
        (wakes(&links), &links.link(&id)["state"]),
        (0, &json!("inactive"))
    );
    let id = links.add("https://crm.example/2", &json!({}));
    assert_eq!(
        (wakes(&links), &links.link(&id)["state"]),
        (1, &json!("new"))
    );
}

#[test]
fn crm_link_add_answers_for_a_webhook_with_its_url_and_a_secret_shown_once() {
    let links = Links::new();
    let added = links.call("POST", "crm-links", &link(&json!({ "type": "webhook" })));
    let secret = added.json["signing_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let shown = &added.json["crm_link"];
    let id = shown["id"].as_str().unwrap();
    let url = format!("https://tieline.example/api/webhooks/crm-links/{id}");
    assert_eq!(shown["webhook_url"], url);
    assert_eq!((wakes(&links), &shown["next_fetch_at"]), (0, &Value::Null));
    let listed = get(&links, &page("")).text() + &links.link(id).to_string();
    assert!(!listed.contains(&secret));
}

#[test]
fn the_same_url_is_once_on_a_page_and_again_once_it_was_deleted() {
    let links = Links::new();
    links.add(URL, &json!({}));
    let again = links.call(
        "POST",
        "crm-links",
        &link(&json!({ "channels": ["email"] })),
    );
    assert_eq!(again.refusal(), (409, "conflict"));
    assert_eq!(again.detail(), ("url", "once_on_a_page"));
    links.add(URL, &json!({ "page_id": "2" }));
    links.other().add(URL, &json!({}));
    assert_eq!(
        links.call("DELETE", "crm-links", &at(&json!({}))).status,
        200
    );
    links.add(URL, &json!({}));
    assert_eq!(get(&links, &page("")).json["total"], 1);
}

#[test]
fn a_business_has_at_most_a_hundred_links() {
    let links = Links::new();
    for n in 0..100 {
        links.add(&format!("{URL}/{n}"), &json!({ "is_active": false }));
    }
    let refused = links.call("POST", "crm-links", &link(&json!({})));
    assert_eq!(
        (refused.refusal(), refused.detail().1),
        ((422, "invalid_request"), "at_most_100")
    );
    links.other().add(URL, &json!({}));
}

#[test]
fn crm_link_add_refuses_callers_without_a_session() {
    refuses_callers("POST", "crm-links");
}

#[test]
fn crm_link_add_refuses_invalid_input() {
    let links = Links::new();
    let cases = [
        (json!({ "page_id": "" }), "page_id"),
        (json!({ "page_id": 7 }), "page_id"),
        (json!({ "channels": [] }), "channels"),
        (json!({ "channels": ["telegram"] }), "channels"),
        (json!({ "name": "  " }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (json!({ "type": "ftp" }), "type"),
        (json!({ "is_active": "yes" }), "is_active"),
        (json!({ "is_active": null }), "is_active"),
        (json!({ "api_key": "a\nb" }), "api_key"),
        (json!({ "headers": { "Host": "x" } }), "headers"),
        (json!({ "headers": { "X y": "x" } }), "headers"),
        (json!({ "headers": { "X-A": "a\r\nX-B: b" } }), "headers"),
        (json!({ "headers": { "X-A": "1", "x-a": "2" } }), "headers"),
        (json!({ "headers": [] }), "headers"),
        (json!({ "schedule_minutes": 4 }), "schedule_minutes"),
        (json!({ "schedule_minutes": 10_081 }), "schedule_minutes"),
        (json!({ "next": "guess" }), "next"),
        (json!({ "auth": { "type": "magic" } }), "auth"),
        (
            json!({ "auth": { "type": "query", "name": "key" } }),
            "api_key",
        ),
        (json!({ "body": [1] }), "body"),
        (json!({ "type": "database", "query": "SELECT 1" }), "url"),
        (json!({ "type": "database", "url": DATABASE }), "query"),
        (
            json!({ "type": "database", "url": DATABASE, "query": "DELETE FROM a" }),
            "query",
        ),
        (
            json!({ "type": "database", "url": DATABASE, "query": "SELECT 1", "api_key": "k",
                "auth": { "type": "basic", "username": "reader" } }),
            "auth",
        ),
        (
            json!({ "type": "database", "query": "SELECT 1",
                "url": "postgres://reader:secret@db.example.com/crm" }),
            "url",
        ),
        (json!({ "type": "file", "query": "{ a }" }), "query"),
        (json!({ "fields": { "exclude": [""] } }), "fields"),
        (json!({ "identity": { "email": "mail" } }), "identity"),
        (json!({ "colour": "blue" }), "colour"),
    ];
    for (more, path) in cases {
        let refused = links.call("POST", "crm-links", &link(&more));
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{more}");
        assert_eq!(refused.detail().0, path, "{more}");
    }
    for url in [
        "http://crm.example/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://user:secret@crm.example/",
        "ftp://crm.example/",
        "",
        "https://169.254.169.254/latest",
    ] {
        let refused = links.call("POST", "crm-links", &link(&json!({ "url": url })));
        assert_eq!(
            (refused.status, refused.detail().0),
            (422, "url"),
            "{url}: {}",
            refused.text()
        );
    }
    for missing in ["page_id", "channels", "name", "url", "is_active"] {
        let mut body = link(&json!({}));
        body.as_object_mut().unwrap().remove(missing);
        let refused = links.call("POST", "crm-links", &body);
        assert_eq!((refused.status, refused.detail().0), (422, missing));
    }
    assert_eq!(get(&links, &page("")).json["total"], 0);
}

#[test]
fn crm_link_update_answers_with_what_it_changed_and_keeps_the_rest() {
    let links = Links::new();
    let settings = json!({ "api_key": "k-1", "headers": { "X-A": "1" }, "schedule_minutes": 60,
        "fields": { "exclude": ["a"] }, "key": "sku" });
    let id = links.add(URL, &settings);
    wakes(&links);
    let patch = |body: Value| {
        let patched = links.call("PATCH", &format!("crm-links/{id}"), &body);
        assert_eq!(patched.status, 200, "{}", patched.text());
        patched.json["crm_link"].clone()
    };
    links.stack.advance(1);
    let renamed =
        patch(json!({ "name": "New", "description": "d", "channels": ["email", "messenger"] }));
    assert_eq!(
        (&renamed["name"], &renamed["api_key"]),
        (&json!("New"), &json!("***"))
    );
    assert_eq!(renamed["channels"], json!(["messenger", "email"]));
    assert_eq!(
        (&renamed["headers"], &renamed["key"]),
        (&json!({ "X-A": "1" }), &json!("sku"))
    );
    let taken_back = patch(json!({
        "api_key": null, "headers": null, "fields": null, "key": null, "next": null,
    }));
    assert!(
        taken_back.get("api_key").is_none() && taken_back.get("headers").is_none(),
        "{taken_back}"
    );
    assert_eq!(
        (&taken_back["fields"], taken_back.get("key")),
        (&json!({}), None)
    );
    assert_eq!(taken_back["schedule_minutes"], 60);
    assert!(wakes(&links) > 0, "what is fetched changed");
    let off = patch(json!({ "is_active": false }));
    assert_eq!(
        (&off["is_active"], &off["next_fetch_at"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn crm_link_update_refuses_callers_without_a_session() {
    refuses_callers("PATCH", &format!("crm-links/{NOBODY}"));
}

#[test]
fn crm_link_update_refuses_invalid_input() {
    refuses_ids("PATCH", "", &json!({ "name": "x" }));
    let links = Links::new();
    let id = links.add(URL, &json!({}));
    let cases = [
        json!({ "name": "" }),
        json!({ "url": "https://other.example/" }),
        json!({ "page_id": "2" }),
        json!({ "channels": [] }),
        json!({ "schedule_minutes": 1 }),
        json!({ "type": "file" }),
        json!({ "auth": { "type": "basic", "username": "u" } }),
        json!({ "is_active": null }),
    ];
    for body in cases {
        let refused = links.call("PATCH", &format!("crm-links/{id}"), &body);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
    }
}

#[test]
fn crm_link_refresh_answers_and_the_link_is_fetched_now() {
    let links = Links::new();
    links.serve_json(URL, &json!([{ "id": 1, "name": "A blue bicycle" }]));
    let id = links.add(URL, &json!({}));
    links.run();
    links.stack.advance(1_000_000);
    links.serve_json(URL, &json!([{ "id": 1, "name": "A red bicycle" }]));
    let path = format!("crm-links/{id}/refresh");
    let asked = links.call("POST", &path, &Value::Null);
    assert_eq!(
        (asked.status, &asked.json["crm_link"]["id"]),
        (202, &json!(id))
    );
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["changed"], 1);
}

#[test]
fn crm_link_refresh_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("crm-links/{NOBODY}/refresh"));
}

#[test]
fn crm_link_refresh_refuses_invalid_input() {
    refuses_ids("POST", "/refresh", &json!({}));
    let links = Links::new();
    let id = links.add(URL, &json!({}));
    let path = |id: &str| format!("crm-links/{id}/refresh");
    for body in [json!({ "accept_shrink": 1 }), json!({ "now": true })] {
        let refused = links.call("POST", &path(&id), &body);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
    }
    let off = links.add("https://crm.example/off", &json!({ "is_active": false }));
    assert_eq!(
        links.call("POST", &path(&off), &json!({})).refusal(),
        (409, "conflict")
    );
}
