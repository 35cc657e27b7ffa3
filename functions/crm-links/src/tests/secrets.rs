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
