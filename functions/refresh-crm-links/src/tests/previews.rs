//! What other functions get.

use super::fetch::URL;
use common::ports::ServiceResponse;
use knowledge::preview::FETCHER;
use refresh_crm_links::handler::answer;
use serde_json::{Value, json};
use testkit::Links;

fn answered(links: &Links, call: &str) -> (u16, String) {
    let ServiceResponse { status, body } =
        links
            .stack
            .answer_call(FETCHER, "preview_link", call.as_bytes(), answer);
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn a_call_is_answered_with_a_preview_as_version_1_has_it() {
    let golden = include_str!("../../../../tests/native/src/calls/preview_link.v1.json");
    let mut golden: Value = serde_json::from_str(golden).unwrap();
    let links = Links::new();
    let record = json!({ "number": 42, "email": "john@example.com", "note": "Rang twice.",
        "card": "4111 1111 1111 1111" });
    links.serve_json(URL, &json!({ "customers": [record] }));
    golden["call"]["business_id"] = links.tenant.business_id.as_str().into();
    golden["call"]["url"] = URL.into();
    let before = links.stored();
    let (status, answer) = answered(&links, &golden["call"].to_string());
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer, golden["answer"]);
    assert_eq!(links.stored(), before);
    let requests = links.stack.ports.take_requests();
    let key = ("x-key".to_owned(), "the key".to_owned());
    assert!(requests[0].custom_headers.contains(&key));
}

#[test]
fn a_call_of_another_version_or_shape_is_refused() {
    let links = Links::new();
    for body in [
        r#"{"version":2,"business_id":"a","name":"b","kind":"api","url":"https://c.example/","settings":{},"secrets":{}}"#,
        r#"{"business_id":"a","name":"b","kind":"api","url":"https://c.example/","settings":{},"secrets":{}}"#,
        r#"{"version":1,"business_id":"a"}"#,
        "",
    ] {
        let refused = (400, "malformed_json".to_owned());
        assert_eq!(answered(&links, body), refused, "{body}");
    }
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_link_that_leads_within_is_not_asked() {
    let links = Links::new();
    for url in ["https://127.0.0.1/", "http://10.0.0.1/", "file:prices.csv"] {
        let call = json!({ "version": 1, "business_id": links.tenant.business_id, "name": "Prices",
            "kind": "api", "url": url, "settings": {}, "secrets": {} });
        let (status, answer) = answered(&links, &call.to_string());
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["error"].is_string(), "{url}: {answer}");
    }
    assert!(links.stack.ports.take_requests().is_empty());
}
