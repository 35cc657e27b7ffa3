//! What opens a link is in no answer, row, log line or event.

use super::{URL, get, page};
use serde_json::json;
use testkit::{LINKED_PAGE, Links};

const KEY: &str = "shppa_1234567890";
const TOKEN: &str = "shpat_0987654321";

#[test]
fn secrets_are_in_no_answer_row_log_or_event() {
    let links = Links::new();
    let echo = format!("The key {KEY} with {TOKEN} was refused (Bearer {KEY}).");
    links.serve_text(
        URL,
        401,
        &[("x-echo", KEY)],
        &json!({ "message": echo }).to_string(),
    );
    let body = json!({
        "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Shop", "url": URL,
        "api_key": KEY, "headers": { "X-Shopify-Access-Token": TOKEN }, "is_active": true,
    });
    let added = links.call("POST", "crm-links", &body);
    let id = added.json["crm_link"]["id"].as_str().unwrap().to_owned();
    let mut told = added.text() + &added.log.to_string();
    let refused = links.call("POST", "crm-links", &body);
    assert_eq!(refused.status, 409);
    told += &(refused.text() + &refused.log.to_string());
    for log in links.run() {
        told += &log.to_string();
    }
    let preview = links.call("POST", "crm-links/preview", &body);
    assert!(preview.json["error"].is_string(), "{}", preview.text());
    told += &(preview.text() + &preview.log.to_string());
    let patched = links.call(
        "PATCH",
        &format!("crm-links/{id}"),
        &json!({ "description": "x" }),
    );
    told += &(patched.text() + &patched.log.to_string());
    for path in [
        &page(""),
        "crm-links/all",
        "crm-links/health",
        &format!("crm-links/{id}"),
    ] {
        let answer = get(&links, path);
        told += &(answer.text() + &answer.log.to_string());
    }
    for (event, detail) in links.events() {
        told += &(event + &detail.to_string());
    }
    assert!(told.contains("***"));
    told += &links.stored();
    assert!(told.contains("crm_link.failed"));
    for secret in [KEY, TOKEN] {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
    // A link that was deleted keeps nothing that could open it.
    let delete = json!({ "page_id": LINKED_PAGE, "url": URL });
    assert_eq!(links.call("DELETE", "crm-links", &delete).status, 200);
    let kept = links
        .stack
        .db
        .value("SELECT credentials FROM knowledge_links");
    assert_eq!(kept.into_text().as_deref(), Some(""));
}

#[test]
fn a_key_in_the_query_is_sent_and_not_kept() {
    let links = Links::new();
    let asked = format!("{URL}?token={KEY}");
    let next = format!("<{URL}?token={KEY}&page=2>; rel=\"next\"");
    links.serve_text(
        &asked,
        200,
        &[("content-type", "application/json"), ("link", &next)],
        "[{\"id\": 1}]",
    );
    let id = links.add(
        URL,
        &json!({ "api_key": KEY, "auth": { "type": "query", "name": "token" } }),
    );
    links.run();
    let requests = links.stack.ports.take_requests();
    assert_eq!(requests[0].url, asked);
    assert!(!links.stored().contains(KEY) && !links.link(&id).to_string().contains(KEY));
}

/// What a link sends when it is fetched: its key, and the header that is a secret.
fn sent(links: &Links) -> Vec<(String, String)> {
    links.run();
    let request = links.stack.ports.take_requests().pop().unwrap();
    let named = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    named
        .chain(request.custom_headers)
        .filter(|(_, value)| value.contains("shpp") || value.contains("shpat") || value == "***")
        .collect()
}

#[test]
fn a_client_that_gives_back_what_it_read_leaves_the_secrets_as_they_are() {
    let links = Links::new();
    links.serve_json(URL, &json!([{ "id": 1 }]));
    let headers = json!({ "X-Shopify-Access-Token": TOKEN, "X-Shop": "a" });
    let id = links.add(URL, &json!({ "api_key": KEY, "headers": headers }));
    let before = sent(&links);
    assert_eq!(before.len(), 2, "{before:?}");
    let path = format!("crm-links/{id}");
    let read = links.link(&id);
    // Headers are told apart without regard to case, and one that is not given goes.
    for (headers, left) in [
        (
            read["headers"].clone(),
            json!(["X-Shop", "X-Shopify-Access-Token"]),
        ),
        (
            json!({ "x-shopify-access-token": "***" }),
            json!(["x-shopify-access-token"]),
        ),
    ] {
        let patch = json!({ "api_key": read["api_key"], "headers": headers, "key": "id" });
        let patched = links.call("PATCH", &path, &patch);
        assert_eq!(patched.status, 200, "{}", patched.text());
        let shown = patched.json["crm_link"]["headers"].as_object().unwrap();
        assert_eq!(json!(shown.keys().collect::<Vec<_>>()), left);
        links.call("POST", &format!("{path}/refresh"), &json!({}));
        let after = sent(&links);
        let values = |sent: &[(String, String)]| -> Vec<String> {
            sent.iter().map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(values(&after), values(&before));
    }
    // A new one takes the place of the old.
    links.call("PATCH", &path, &json!({ "api_key": "shppa_new" }));
    assert!(format!("{:?}", sent(&links)).contains("shppa_new"));
    // There is nothing for which the stars could stand.
    let patch = json!({ "headers": { "X-Other-Key": "***" } });
    let refused = links.call("PATCH", &path, &patch);
    assert_eq!(refused.detail(), ("headers", "a_secret"));
}

#[test]
fn stars_are_no_secret_of_a_link_that_is_new() {
    let links = Links::new();
    let body = |more: serde_json::Value| {
        let mut body = json!({
            "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Shop", "url": URL,
            "is_active": true,
        });
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        body
    };
    for path in ["crm-links", "crm-links/preview"] {
        for (more, at) in [
            (json!({ "api_key": "***" }), "api_key"),
            (json!({ "headers": { "X-API-Key": "***" } }), "headers"),
        ] {
            let refused = links.call("POST", path, &body(more));
            assert_eq!(refused.refusal(), (422, "invalid_request"), "{path} {at}");
            assert_eq!(refused.detail(), (at, "a_secret"), "{path}");
        }
    }
    // What is no secret may look like one.
    let added = links.call(
        "POST",
        "crm-links",
        &body(json!({ "headers": { "X-Rating": "***" } })),
    );
    assert_eq!(added.status, 201);
}
