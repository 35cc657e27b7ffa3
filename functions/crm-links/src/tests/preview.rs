use super::{URL, refuses_callers};
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

fn asked(links: &Links, more: &Value) -> testkit::Answer {
    let mut link = json!({
        "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Customers", "url": URL,
        "is_active": true,
    });
    for (name, value) in more.as_object().unwrap() {
        link[name] = value.clone();
    }
    links.call("POST", "crm-links/preview", &link)
}

#[test]
fn crm_link_preview_answers_with_what_would_be_stored_and_stores_nothing() {
    let links = Links::new();
    let next = format!("<{URL}?page=2>; rel=\"next\"");
    let customer = |n: usize| {
        json!({ "id": n, "name": format!("Customer {n}"), "email": format!("c{n}@example.com"),
            "phone": format!("087 123 45{n:02}"), "card": "4111 1111 1111 1111", "empty": null })
    };
    let body = json!({ "customers": (0..12).map(customer).collect::<Vec<_>>() });
    let headers = [
        ("content-type", "application/json"),
        ("link", next.as_str()),
    ];
    links.serve_text(URL, 200, &headers, &body.to_string());
    let before = links.stored();
    let preview = asked(
        &links,
        &json!({ "api_key": "k-123456", "fields": { "exclude": ["name"] } }),
    );
    assert_eq!(preview.status, 200, "{}", preview.text());
    let preview = &preview.json;
    assert_eq!(
        (&preview["format"], &preview["looked_at"]),
        (&json!("json"), &json!(12))
    );
    assert_eq!(
        (&preview["has_more_pages"], &preview["masked"]),
        (&json!(true), &json!(12))
    );
    assert_eq!(
        preview["owners"],
        json!({ "everyone": 0, "known": 12, "unknown": 0 })
    );
    let records = preview["records"].as_array().unwrap();
    assert_eq!((records.len(), &records[3]["key"]), (10, &json!("3")));
    assert_eq!(records[3]["path"], "customers[3]");
    let text = records[3]["text"].as_str().unwrap();
    assert!(
        text.contains("c3@example.com") && !text.contains("4111") && !text.contains("name"),
        "{text}"
    );
    let fields = preview["fields"].as_array().unwrap();
    let field = |path: &str| fields.iter().find(|field| field["path"] == path).unwrap();
    assert_eq!(
        (&field("name")["is_taken"], &field("email")["filled"]),
        (&json!(false), &json!(12))
    );
    assert_eq!(
        (&field("card")["masked"], &field("empty")["kind"]),
        (&json!(12), &json!("empty"))
    );
    assert!(!field("card")["example"].as_str().unwrap().contains("4111"));
    assert_eq!(links.stored(), before);
    let requests = links.stack.ports.take_requests();
    assert_eq!(requests.len(), 1);
    assert!(
        requests[0]
            .custom_headers
            .contains(&("authorization".into(), "Bearer k-123456".into()))
    );
}

#[test]
fn a_preview_of_a_source_that_fails_says_why() {
    let links = Links::new();
    links.serve_text(URL, 403, &[], "{\"message\": \"Not with this key\"}");
    let preview = asked(&links, &json!({}));
    assert_eq!(preview.status, 200);
    assert!(
        preview.json["error"]
            .as_str()
            .unwrap()
            .contains("Not with this key"),
        "{}",
        preview.text()
    );
    assert_eq!(preview.json["records"], json!([]));
    links.serve_text(
        URL,
        200,
        &[("content-type", "application/json")],
        "{\"customers\": [}",
    );
    assert!(asked(&links, &json!({})).json["error"].is_string());
}

#[test]
fn a_preview_is_503_while_the_function_that_fetches_is_away() {
    let links = Links::new();
    links.stack.ports.services_are_down.set(true);
    assert_eq!(asked(&links, &json!({})).refusal(), (503, "unavailable"));
}

#[test]
fn a_file_is_shown_by_its_own_format() {
    let links = Links::new();
    let csv = "https://files.example/prices.csv";
    links.serve_text(
        csv,
        200,
        &[("content-type", "text/csv")],
        "sku,price\na-1,10\na-2,20\n",
    );
    let preview = asked(&links, &json!({ "url": csv, "type": "file" })).json;
    assert_eq!(
        (&preview["format"], &preview["looked_at"]),
        (&json!("csv"), &json!(2))
    );
    assert_eq!(preview["records"][1]["key"], "a-2");
    assert_eq!(preview["owners"]["everyone"], 2);
}

#[test]
fn crm_link_preview_refuses_callers_without_a_session() {
    refuses_callers("POST", "crm-links/preview");
}

#[test]
fn crm_link_preview_refuses_invalid_input() {
    let links = Links::new();
    for (more, path) in [
        (json!({ "url": "http://10.0.0.1/" }), "url"),
        (json!({ "type": "webhook" }), "type"),
        (json!({ "type": "database", "query": "SELECT 1" }), "url"),
        (json!({ "name": "" }), "name"),
        (
            json!({ "auth": { "type": "query", "name": "key" } }),
            "api_key",
        ),
        (json!({ "colour": "blue" }), "colour"),
    ] {
        let refused = asked(&links, &more);
        assert_eq!(
            (refused.status, refused.detail().0),
            (422, path),
            "{more}: {}",
            refused.text()
        );
    }
    assert!(links.stack.ports.take_requests().is_empty());
}
