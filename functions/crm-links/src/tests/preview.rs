use super::{URL, refuses_callers};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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

/// A file that is to be uploaded, by its name.
fn of_file(name: &str, content: &Value) -> testkit::Answer {
    let mut file = json!({ "type": "file", "url": format!("file:{name}") });
    for (name, value) in content.as_object().unwrap() {
        file[name] = value.clone();
    }
    let links = Links::new();
    let before = links.stored();
    let preview = asked(&links, &file);
    assert_eq!(links.stored(), before);
    assert!(links.stack.ports.take_requests().is_empty());
    preview
}

#[test]
fn a_file_is_previewed_before_it_is_uploaded() {
    // What a spreadsheet writes in Europe: a mark of its encoding, and semicolons.
    let csv = "\u{feff}sku;name;price\r\na-1;\"Blue; a bicycle\";10,50\r\na-2;Größe;20\r\n";
    let latin: Vec<u8> = csv.chars().skip(1).map(|c| c as u8).collect();
    let utf16: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let base64 = |bytes: &[u8]| json!({ "content_base64": STANDARD.encode(bytes) });
    for content in [
        json!({ "content": csv }),
        base64(csv.as_bytes()),
        base64(&latin),
        base64(&utf16),
    ] {
        let preview = of_file("stock.csv", &content).json;
        assert_eq!(preview["error"], Value::Null, "{preview}");
        assert_eq!(
            (&preview["format"], &preview["looked_at"]),
            (&json!("csv"), &json!(2))
        );
        assert_eq!(preview["has_more_pages"], false);
        let records = &preview["records"];
        assert_eq!(
            (&records[0]["key"], &records[1]["key"]),
            (&json!("a-1"), &json!("a-2"))
        );
        let text = records[0]["text"].as_str().unwrap();
        assert!(text.contains("Blue; a bicycle"), "{text}");
        assert!(records[1]["text"].as_str().unwrap().contains("Größe"));
    }
    let json = of_file(
        "stock.json",
        &json!({ "content": "[{\"id\": 1, \"pin\": \"x\"}]" }),
    )
    .json;
    assert_eq!(
        (&json["format"], &json["looked_at"]),
        (&json!("json"), &json!(1))
    );
    let text = of_file(
        "faq.md",
        &json!({ "content": "# Delivery\n\nWithin two days.\n" }),
    )
    .json;
    assert_eq!(text["format"], "markdown");
}

#[test]
fn a_file_that_cannot_be_read_is_told_as_a_fetch_of_it_would() {
    for (name, content, words) in [
        ("a.csv", "sku;name\na-1;\"Blue\na-2;Red\n", "quote"),
        ("a.json", "{\"stock\": [", "JSON"),
        ("a.csv", "%PDF-1.7 ...", "no text"),
    ] {
        let preview = of_file(name, &json!({ "content": content }));
        assert_eq!(preview.status, 200, "{}", preview.text());
        let error = preview.json["error"].as_str().unwrap_or_default();
        assert!(error.contains(words), "{words}: {}", preview.text());
        assert_eq!(preview.json["records"], json!([]));
    }
}

#[test]
fn content_is_refused_that_is_none_or_that_no_link_of_the_type_has() {
    let large = "x".repeat(1024 * 1024 + 1);
    for (content, field, rule) in [
        (json!({}), "content", "required"),
        (json!({ "content": "" }), "content", "required"),
        (
            json!({ "content": "a", "content_base64": "YQ==" }),
            "content",
            "once",
        ),
        (json!({ "content": large }), "content", "at_most_1_mib"),
        (json!({ "content": 1 }), "content", "text"),
        (json!({ "content_base64": "%" }), "content_base64", "base64"),
        (
            json!({ "content": "a", "url": URL, "type": "api" }),
            "content",
            "fits_type",
        ),
        (
            json!({ "content": "a", "url": "https://files.example/a.csv" }),
            "content",
            "fits_type",
        ),
    ] {
        let refused = of_file("a.csv", &content);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (field, rule)),
            "{}",
            refused.text()
        );
    }
    // A link has none, once it is added.
    let links = Links::new();
    let link = json!({ "page_id": LINKED_PAGE, "channels": ["web"], "name": "A", "url": "file:a.csv",
        "type": "file", "is_active": true, "content": "a" });
    let refused = links.call("POST", "crm-links", &link);
    assert_eq!(refused.detail(), ("content", "unknown"));
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
