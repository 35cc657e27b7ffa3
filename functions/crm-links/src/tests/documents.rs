use super::{NOBODY, URL, get, refuses_callers};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{LINKED_PAGE, Links};

const DETAILS: &str = "rag/documents/details";

fn listed(links: &Links, more: &str) -> Value {
    let list = get(
        links,
        &format!("{DETAILS}?page_id={LINKED_PAGE}&source=crm{more}"),
    );
    assert_eq!(list.status, 200, "{}", list.text());
    list.json
}

fn keys(list: &Value) -> Vec<String> {
    let documents = list["documents"].as_array().unwrap().iter();
    documents
        .map(|one| one["record_key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn document_list_answers_with_what_is_searched_page_by_page() {
    let links = Links::new();
    let product = |n: usize| json!({ "sku": format!("p-{n}"), "title": format!("Bicycle {n}") });
    let products: Vec<_> = (0..5).map(product).collect();
    links.serve_json(URL, &json!({ "products": products }));
    let id = links.add(URL, &json!({ "name": "Products" }));
    let customers = "https://crm.example/people";
    links.serve_json(
        customers,
        &json!([{ "id": "c-1", "email": "a@example.com", "name": "Ada" }]),
    );
    let other = links.add(customers, &json!({}));
    links.add("https://crm.example/elsewhere", &json!({ "page_id": "2" }));
    links.run();

    let whole = listed(&links, "");
    assert_eq!(
        (&whole["total"], &whole["next_cursor"]),
        (&json!(6), &Value::Null)
    );
    assert_eq!(
        (&whole["page_id"], &whole["source"]),
        (&json!(LINKED_PAGE), &json!("crm"))
    );
    let of_link = listed(&links, &format!("&link_id={id}"));
    let first = &of_link["documents"][0];
    assert_eq!(
        (&first["link_name"], &first["url"]),
        (&json!("Products"), &json!(URL))
    );
    assert_eq!(
        (&first["path"], &first["is_owned"]),
        (&json!("products[0]"), &json!(false))
    );
    assert_eq!(first["status"], "searchable");
    assert_eq!(
        listed(&links, &format!("&link_id={other}"))["documents"][0]["is_owned"],
        true
    );

    let mut seen = BTreeSet::new();
    let mut more = String::new();
    for _ in 0..3 {
        let list = listed(&links, &format!("&limit=2{more}"));
        seen.extend(keys(&list));
        let Some(cursor) = list["next_cursor"].as_str() else {
            break;
        };
        more = format!("&cursor={cursor}");
    }
    assert_eq!(seen.len(), 6);
    let others = links.other();
    assert_eq!(listed(&others, "")["documents"], json!([]));
    assert_eq!(
        listed(&others, &format!("&link_id={id}"))["documents"],
        json!([])
    );
}

#[test]
fn document_list_refuses_callers_without_a_session() {
    refuses_callers("GET", &format!("{DETAILS}?page_id=1"));
}

#[test]
fn document_list_refuses_invalid_input() {
    let links = Links::new();
    for (query, path) in [
        ("", "query.page_id"),
        ("?page_id=1&source=faq", "query.source"),
        ("?page_id=1&status=pending", "query.status"),
        ("?page_id=1&link_id=nothing", "query.link_id"),
        ("?page_id=1&limit=0", "query.limit"),
        ("?page_id=1&limit=201", "query.limit"),
        ("?page_id=1&cursor=abc", "query.cursor"),
    ] {
        let refused = get(&links, &format!("{DETAILS}{query}"));
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{query}");
        assert_eq!(refused.detail().0, path, "{query}");
    }
    let nobodys = get(&links, &format!("{DETAILS}?page_id=1&link_id={NOBODY}"));
    assert_eq!((nobodys.status, &nobodys.json["total"]), (200, &json!(0)));
}
