use super::change::wakes;
use super::{URL, get, page, refuses_callers};
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

/// The place of the link that [`Links::add`] adds, with more.
pub(super) fn at(more: &Value) -> Value {
    let mut body = json!({ "page_id": LINKED_PAGE, "url": URL });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn crm_link_status_answers_for_some_channels_or_for_all() {
    let links = Links::new();
    let id = links.add(URL, &json!({ "channels": ["facebook", "messenger"] }));
    wakes(&links);
    let put = |more: &Value| links.call("PUT", "crm-links/status", &at(more));
    put(&json!({ "channels": ["facebook"], "is_active": false }));
    let link = links.link(&id);
    assert_eq!(
        (&link["is_active"], &link["inactive_channels"]),
        (&json!(true), &json!(["facebook"]))
    );
    assert_eq!(put(&json!({ "is_active": false })).json["updated_count"], 2);
    let link = links.link(&id);
    assert_eq!(
        (&link["is_active"], &link["next_fetch_at"]),
        (&json!(false), &Value::Null)
    );
    wakes(&links);
    let on = put(&json!({ "is_active": true }));
    assert_eq!(on.json["channels"], json!(["facebook", "messenger"]));
    assert_eq!(wakes(&links), 1, "it is fetched at once");
}

#[test]
fn crm_link_status_refuses_callers_without_a_session() {
    refuses_callers("PUT", "crm-links/status");
}

#[test]
fn crm_link_status_refuses_invalid_input() {
    let links = Links::new();
    links.add(URL, &json!({}));
    for more in [
        json!({}),
        json!({ "is_active": 1 }),
        json!({ "is_active": true, "channels": [] }),
    ] {
        let refused = links.call("PUT", "crm-links/status", &at(&more));
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{more}");
    }
    let on = json!({ "is_active": true });
    let others = links.other().call("PUT", "crm-links/status", &at(&on));
    assert_eq!(others.refusal(), (404, "not_found"));
    let of_no_channel = json!({ "is_active": true, "channels": ["email"] });
    let refused = links.call("PUT", "crm-links/status", &at(&of_no_channel));
    assert_eq!(
        (refused.refusal(), refused.detail().0),
        ((404, "not_found"), "channels")
    );
}

#[test]
fn crm_link_delete_answers_for_some_channels_or_for_all() {
    let links = Links::new();
    links.serve_json(URL, &json!([{ "id": "blue-1", "name": "A blue bicycle" }]));
    let id = links.add(URL, &json!({ "channels": ["facebook", "messenger"] }));
    links.run();
    let delete = |more: &Value| links.call("DELETE", "crm-links", &at(more));
    assert_eq!(
        delete(&json!({ "channels": ["facebook"] })).json["deleted_count"],
        1
    );
    assert_eq!(links.link(&id)["channels"], json!(["messenger"]));
    assert_eq!(links.found("bicycle"), ["blue-1"]);
    assert_eq!(delete(&json!({})).json["deleted_count"], 1);
    assert!(links.found("bicycle").is_empty(), "at once");
    assert_eq!(get(&links, &format!("crm-links/{id}")).status, 404);
    links.run();
    let stored = links.stored();
    assert!(
        !stored.contains("bicycle") && !stored.contains("knowledge_links"),
        "{stored}"
    );
    assert_eq!(delete(&json!({})).refusal(), (404, "not_found"));
}

#[test]
fn crm_link_delete_refuses_callers_without_a_session() {
    refuses_callers("DELETE", "crm-links");
}

#[test]
fn crm_link_delete_refuses_invalid_input() {
    let links = Links::new();
    links.add(URL, &json!({}));
    for body in [
        json!({}),
        json!({ "page_id": LINKED_PAGE }),
        at(&json!({ "channels": ["x"] })),
    ] {
        let refused = links.call("DELETE", "crm-links", &body);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
    }
    let others = links.other().call("DELETE", "crm-links", &at(&json!({})));
    assert_eq!(others.refusal(), (404, "not_found"));
    assert_eq!(get(&links, &page("")).json["total"], 1);
}
