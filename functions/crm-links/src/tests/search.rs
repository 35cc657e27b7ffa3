use super::{NOBODY, URL, refuses_callers};
use serde_json::{Value, json};
use testkit::{CUSTOMER_ID, LINKED_PAGE, Links};

fn searched(links: &Links, body: &Value) -> Vec<String> {
    let found = links.call("POST", "rag/search", body);
    assert_eq!(found.status, 200, "{}", found.text());
    let hits = found.json["results"].as_array().unwrap().iter();
    let keys: Vec<_> = hits
        .map(|hit| hit["record_key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found.json["total"], keys.len());
    keys
}

/// A shop with a product, and a customer who is [`CUSTOMER_ID`].
fn shop() -> (Links, String, String) {
    let links = Links::new();
    links.serve_json(
        URL,
        &json!([{ "sku": "p-1", "title": "A blue bicycle with a basket" }]),
    );
    let products = links.add(URL, &json!({ "name": "Products" }));
    let people = "https://crm.example/people";
    let orders = json!([
        { "id": "o-1", "email": "john@example.com", "item": "A blue bicycle, size M" },
        { "id": "o-2", "email": "john@example.org", "item": "A blue bicycle, size L" },
    ]);
    links.serve_json(people, &orders);
    let orders = links.add(people, &json!({ "name": "Orders", "channels": ["email"] }));
    links.run();
    (links, products, orders)
}

#[test]
fn knowledge_search_answers_with_hits_and_where_they_are_from() {
    let (links, products, orders) = shop();
    let found = links.call("POST", "rag/search", &json!({ "query": "p-1" }));
    let hit = &found.json["results"][0];
    assert_eq!(
        (&hit["record_key"], &hit["link_id"]),
        (&json!("p-1"), &json!(products))
    );
    assert_eq!(hit["link_name"], "Products");
    assert_eq!(hit["fetched_at"], links.stack.now().to_string());
    assert!(
        hit["text"]
            .as_str()
            .unwrap()
            .contains("A blue bicycle with a basket")
    );
    assert!(hit["score"].as_f64().unwrap() > 0.5);

    let ask = |more: &Value| {
        let mut body = json!({ "query": "blue bicycle" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        searched(&links, &body)
    };
    assert_eq!(ask(&json!({})).len(), 3, "who has a session may search all");
    assert_eq!(ask(&json!({ "k": 1 })).len(), 1);
    assert_eq!(ask(&json!({ "channel": "email" })).len(), 2);
    assert_eq!(ask(&json!({ "links": [products] })), ["p-1"]);
    assert_eq!(
        ask(&json!({ "links": [orders], "channel": "messenger" })).len(),
        0
    );
    assert_eq!(ask(&json!({ "page_id": LINKED_PAGE })).len(), 3);
    assert_eq!(ask(&json!({ "page_id": "2" })).len(), 0);
}

#[test]
fn knowledge_search_answers_for_a_customer_with_what_is_for_all_and_what_is_theirs() {
    let (links, _, _) = shop();
    links.stack.customer(&links.tenant, "{}");
    let body = json!({ "query": "blue bicycle", "customer": CUSTOMER_ID });
    let mut keys = searched(&links, &body);
    keys.sort();
    assert_eq!(keys, ["o-1", "p-1"]);
    let exact = json!({ "query": "john@example.org o-2", "customer": CUSTOMER_ID });
    assert!(!searched(&links, &exact).contains(&"o-2".to_owned()));
}

#[test]
fn two_businesses_find_what_is_theirs() {
    let (links, products, _) = shop();
    let other = links.other();
    assert!(searched(&other, &json!({ "query": "blue bicycle" })).is_empty());
    let theirs = "https://other.example/products";
    other.serve_json(
        theirs,
        &json!([{ "sku": "q-1", "title": "A blue bicycle of theirs" }]),
    );
    other.add(theirs, &json!({}));
    other.run();
    assert_eq!(
        searched(&other, &json!({ "query": "blue bicycle" })),
        ["q-1"]
    );
    assert_eq!(
        searched(
            &other,
            &json!({ "query": "blue bicycle", "links": [products] })
        )
        .len(),
        0
    );
    assert!(!searched(&links, &json!({ "query": "q-1 blue bicycle" })).contains(&"q-1".to_owned()));
}

#[test]
fn a_link_that_is_off_is_not_searched_and_one_that_is_on_again_is() {
    let (links, _, _) = shop();
    let put = |is_active: bool| {
        let body = json!({ "page_id": LINKED_PAGE, "url": URL, "is_active": is_active });
        assert_eq!(links.call("PUT", "crm-links/status", &body).status, 200);
    };
    put(false);
    assert!(!links.found("basket").contains(&"p-1".to_owned()));
    put(true);
    assert_eq!(links.found("basket")[0], "p-1");
}

#[test]
fn without_the_embedder_words_alone_decide() {
    let (links, _, _) = shop();
    links.stack.ports.services_are_down.set(true);
    assert_eq!(links.found("basket"), ["p-1"]);
}

#[test]
fn knowledge_search_refuses_callers_without_a_session() {
    refuses_callers("POST", "rag/search");
}

#[test]
fn knowledge_search_refuses_invalid_input() {
    let links = Links::new();
    let cases = [
        (json!({}), "query"),
        (json!({ "query": "  " }), "query"),
        (json!({ "query": "x".repeat(1001) }), "query"),
        (json!({ "query": "x", "k": 0 }), "k"),
        (json!({ "query": "x", "k": 51 }), "k"),
        (json!({ "query": "x", "k": -1 }), "k"),
        (json!({ "query": "x", "channel": "fax" }), "channel"),
        (json!({ "query": "x", "customer": "42" }), "customer"),
        (json!({ "query": "x", "links": ["42"] }), "links"),
        (json!({ "query": "x", "top": 3 }), "top"),
    ];
    for (body, path) in cases {
        let refused = links.call("POST", "rag/search", &body);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
        assert_eq!(refused.detail().0, path, "{body}");
    }
    let nobody = links.call(
        "POST",
        "rag/search",
        &json!({ "query": "x", "customer": NOBODY }),
    );
    assert_eq!(nobody.refusal(), (404, "not_found"));
    for odd in [
        "\"",
        "' OR 1=1 --",
        "a NEAR b",
        "*",
        "\u{0}\u{1}",
        "日本",
        "AND OR NOT",
        "(((",
    ] {
        let answer = links.call("POST", "rag/search", &json!({ "query": odd }));
        assert!(
            matches!(answer.status, 200 | 422),
            "{odd}: {}",
            answer.text()
        );
    }
}
