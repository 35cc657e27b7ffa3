mod change;
mod documents;
mod file;
mod preview;
mod recall;
mod search;
mod secrets;
mod spec;
mod status;

use crm_links::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, LINKED_PAGE, Links, Stack};

pub(super) const URL: &str = "https://crm.example/api/customers";
/// An id of ours that is nobody's.
pub(super) const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

pub(super) fn get(links: &Links, path: &str) -> Answer {
    links.call("GET", path, &Value::Null)
}

pub(super) fn page(more: &str) -> String {
    format!("crm-links?page_id={LINKED_PAGE}{more}")
}

/// Refuses a caller without a session, and one with a key in its place.
pub(super) fn refuses_callers(method: &str, path: &str) {
    let (stack, tenant) = Stack::with_tenant();
    let target = format!("/api/dashboard/{path}");
    stack.asks_for_a_session(&tenant, ("crm-links", method, &target), handle);
}

/// What is not an id of ours, or is nobody's, or another business's, is not found.
pub(super) fn refuses_ids(method: &str, suffix: &str, body: &Value) {
    let links = Links::new();
    let theirs = links.other().add(URL, &json!({ "is_active": false }));
    for id in [theirs.as_str(), "nothing", NOBODY] {
        let refused = links.call(method, &format!("crm-links/{id}{suffix}"), body);
        assert_eq!(refused.refusal(), (404, "not_found"), "{id}");
    }
}

#[test]
fn crm_link_list_answers_with_the_links_of_a_page_and_of_a_channel() {
    let links = Links::new();
    links.add(URL, &json!({ "channels": ["facebook", "messenger"] }));
    links.add("https://crm.example/chat", &json!({ "is_active": false }));
    links.add(
        "https://crm.example/other",
        &json!({ "page_id": "987654321" }),
    );
    links.other().add(URL, &json!({}));
    let all = get(&links, &page("")).json;
    let counts = |list: &Value| {
        ["total", "active_count", "inactive_count"].map(|name| list[name].as_u64().unwrap())
    };
    assert_eq!(counts(&all), [2, 1, 1]);
    assert_eq!(all["channel"], Value::Null);
    assert_eq!(
        counts(&get(&links, &page("&channel=facebook")).json),
        [1, 1, 0]
    );
    assert_eq!(
        counts(&get(&links, &page("&channel=messenger")).json),
        [2, 1, 1]
    );
    assert_eq!(
        counts(&get(&links, &page("&channel=email")).json),
        [0, 0, 0]
    );
    assert_eq!(counts(&get(&links, "crm-links?page_id=1").json), [0, 0, 0]);
}

#[test]
fn crm_link_list_refuses_callers_without_a_session() {
    refuses_callers("GET", &page(""));
}

#[test]
fn crm_link_list_refuses_invalid_input() {
    let links = Links::new();
    for (path, at) in [
        ("crm-links".to_owned(), "query.page_id"),
        ("crm-links?page_id=".to_owned(), "query.page_id"),
        (page("&channel=telegram"), "query.channel"),
        (page("&pages=1"), "query.pages"),
    ] {
        let refused = get(&links, &path);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{path}");
        assert_eq!(refused.detail().0, at, "{path}");
    }
}

#[test]
fn crm_link_all_answers_with_the_links_of_every_page() {
    let links = Links::new();
    assert_eq!(get(&links, "crm-links/all").json["pages_data"], json!([]));
    links.add(URL, &json!({ "channels": ["whatsapp"] }));
    links.add(
        "https://crm.example/both",
        &json!({ "page_id": "2", "channels": ["facebook", "messenger"] }),
    );
    links.other().add(URL, &json!({}));
    let all = get(&links, "crm-links/all").json;
    assert_eq!(
        (&all["total_pages"], &all["total_crm_links"]),
        (&json!(2), &json!(2))
    );
    let pages = all["pages_data"].as_array().unwrap();
    let of = |page: &str| pages.iter().find(|one| one["page_id"] == page).unwrap();
    let size = |page: &str, list: &str| of(page)[list].as_array().unwrap().len();
    assert_eq!(size(LINKED_PAGE, "other_crm_links"), 1);
    assert_eq!(size(LINKED_PAGE, "messenger_crm_links"), 0);
    assert_eq!(
        (
            size("2", "facebook_crm_links"),
            size("2", "messenger_crm_links")
        ),
        (1, 1)
    );
    assert_eq!(of("2")["total_active"], 1, "one link, though in two lists");
    assert_eq!(of("2")["page_name"], "");
}

#[test]
fn crm_link_all_refuses_callers_without_a_session() {
    refuses_callers("GET", "crm-links/all");
}

#[test]
fn crm_link_all_refuses_invalid_input() {
    let refused = get(&Links::new(), "crm-links/all?page_id=1");
    assert_eq!(refused.refusal(), (422, "invalid_request"));
}

#[test]
fn crm_link_get_answers_with_a_link() {
    let links = Links::new();
    let settings = json!({
        "schedule_minutes": 60, "records_at": "data.customers", "key": "number",
        "next": "cursor:paging.next", "fields": { "exclude": ["notes"], "mask": ["iban"] },
        "identity": { "email": ["contact.mail"], "external_system": "shop" }, "description": "Ours",
    });
    let id = links.add(URL, &settings);
    let link = links.link(&id);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&link[name], value, "{name}");
    }
    assert_eq!(
        (&link["state"], &link["last_fetch"]),
        (&json!("new"), &Value::Null)
    );
    assert!(
        link.get("api_key").is_none() && link.get("webhook_url").is_none(),
        "{link}"
    );
}

#[test]
fn crm_link_get_refuses_callers_without_a_session() {
    refuses_callers("GET", &format!("crm-links/{NOBODY}"));
}

#[test]
fn crm_link_get_refuses_invalid_input() {
    refuses_ids("GET", "", &Value::Null);
}

#[test]
fn crm_link_health_answers_with_those_in_trouble_first() {
    let links = Links::new();
    links.serve_json(URL, &json!([{ "id": 1, "name": "A blue bicycle" }]));
    let well = links.add(URL, &json!({ "name": "Well" }));
    let broken = "https://crm.example/broken";
    links.serve_text(broken, 401, &[], r#"{"message":"The key has expired"}"#);
    let ill = links.add(broken, &json!({ "name": "Ill" }));
    let off = links.add("https://crm.example/off", &json!({ "is_active": false }));
    links.run();
    links.stack.advance(60 * 1_000_000);
    let health = get(&links, "crm-links/health").json;
    assert_eq!(
        (&health["fresh"], &health["in_trouble"]),
        (&json!(1), &json!(1))
    );
    let list = health["links"].as_array().unwrap();
    let ids: Vec<_> = list
        .iter()
        .map(|link| link["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&ill, &well, &off]);
    assert_eq!(
        (&list[0]["state"], &list[0]["failures"]),
        (&json!("failing"), &json!(1))
    );
    let error = list[0]["error"].as_str().unwrap();
    assert!(
        error.contains("The key has expired") && error.contains("API key"),
        "{error}"
    );
    assert!(list[0]["failing_since"].is_string() && list[0]["next_fetch_at"].is_string());
    assert_eq!(list[1]["stale_seconds"], 60);
    assert_eq!(list[1]["fetches"][0]["records"], 1);
    assert_eq!(
        (&list[2]["state"], &list[2]["next_fetch_at"]),
        (&json!("inactive"), &Value::Null)
    );
    let others = get(&links.other(), "crm-links/health").json;
    assert_eq!(others["links"], json!([]));
}

#[test]
fn crm_link_health_refuses_callers_without_a_session() {
    refuses_callers("GET", "crm-links/health");
}

#[test]
fn crm_link_health_refuses_invalid_input() {
    let refused = get(&Links::new(), "crm-links/health?state=failing");
    assert_eq!(refused.refusal(), (422, "invalid_request"));
}
