//! Lists of CRMs that the business is connected to. Krayin's records are as they were recorded.

use serde_json::{Value, json};
use testkit::{Connection, LINKED_PAGE, Links};

const KRAYIN: &str = "https://crm.acme.example/api/v1";
const KUSTOMER: &str = "https://acme.api.kustomerapp.com/v1";
const KEY: &str = "7|the-key-of-the-connection";

fn connect(links: &Links, connector: &str) {
    links.stack.connect(
        &links.tenant,
        &Connection {
            connector,
            org: "org",
            user: "1",
            settings: &json!({ "api_url": KRAYIN, "subdomain": "acme" }),
            credentials: &json!({ "api_token": KEY, "api_key": KEY }),
        },
    );
}

fn connected(connector: &str) -> Links {
    let links = Links::new();
    connect(&links, connector);
    links
}

/// Goes on until nothing is due within a minute.
fn run(links: &Links) {
    for _ in 0..20 {
        links.run();
        links.stack.advance(3_000_000);
        links.tick();
    }
}

fn link(url: &str) -> Value {
    json!({
        "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Theirs", "url": url, "is_active": true,
    })
}

fn ana() -> Value {
    json!({
        "id": 214, "name": "Ana Silva", "job_title": "CPO",
        "emails": [{ "value": "ana.silva@acme.test", "label": "work" }, { "value": "ana@home.test", "label": "home" }],
        "contact_numbers": [{ "value": "+351912345678", "label": "work" }],
        "organization": { "id": 57, "name": "Acme Imports Limited", "address": null },
        "created_at": "2026-11-21T04:44:12.000000Z", "updated_at": "2026-11-21T04:44:13.000000Z",
    })
}

fn of_krayin(records: &[Value], page: u32, last: u32) -> Value {
    let at = |page: u32| format!("http://127.0.0.1:8099/api/v1/list?page={page}");
    json!({
        "data": records,
        "links": { "first": at(1), "last": at(last), "prev": null, "next": (page < last).then(|| at(page + 1)) },
        "meta": { "current_page": page, "last_page": last, "per_page": 100, "total": 2, "path": at(1) },
    })
}

fn owners(links: &Links) -> Vec<String> {
    let rows = links
        .stack
        .search
        .sql("SELECT owners FROM chunks ORDER BY record_key");
    let texts = rows
        .into_iter()
        .flatten()
        .filter_map(common::db::Value::into_text);
    texts.collect()
}

#[test]
fn persons_of_krayin_are_their_own_and_pages_are_counted_at_a_pace() {
    let links = connected("krayin");
    let lena = json!({
        "id": 227, "name": "Lena Fox", "emails": [{ "value": "lena@fox.test", "label": "work" }],
        "contact_numbers": [{ "value": "+4915112345678", "label": "work" }], "job_title": null,
    });
    let at =
        |page: u32| format!("{KRAYIN}/contacts/persons?limit=100&sort=id&order=asc&page={page}");
    links.serve_json(&at(1), &of_krayin(&[ana()], 1, 2));
    links.serve_json(&at(2), &of_krayin(&[lena], 2, 2));
    let id = links.add("krayin://persons", &json!({}));
    links.run();
    assert_eq!(
        links.stack.ports.take_requests().len(),
        1,
        "the next page waits"
    );
    run(&links);
    let requests = links.stack.ports.take_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(
        (requests[0].method, requests[0].url.as_str()),
        ("GET", at(2).as_str())
    );
    let bearer = ("authorization".to_owned(), format!("Bearer {KEY}"));
    assert!(requests[0].custom_headers.contains(&bearer));
    let shown = links.link(&id);
    assert_eq!(
        (&shown["state"], &shown["last_fetch"]["records"]),
        (&json!("fresh"), &json!(2))
    );
    let owners = owners(&links);
    assert!(
        owners[0].contains("ana.silva@acme.test") || !owners[0].contains("[]"),
        "{owners:?}"
    );
    assert_eq!(owners.len(), 2);
    assert!(owners.iter().all(|owners| owners != "[]"), "{owners:?}");
    assert_eq!(links.found("ana@home.test")[0], "214");
    assert!(!links.stored().contains(KEY) && !shown.to_string().contains(KEY));
}

#[test]
fn a_lead_is_its_persons_and_one_without_a_person_is_for_no_customer() {
    let links = connected("krayin");
    let lead = |id: u32, person: Value| {
        json!({
            "id": id, "title": "Minimal lead", "description": null, "lead_value": "0.0000", "status": 1,
            "person": person, "lead_products": [], "lead_pipeline_id": 1,
        })
    };
    let url = format!("{KRAYIN}/leads?limit=100&sort=id&order=asc&page=1");
    links.serve_json(
        &url,
        &of_krayin(&[lead(991, Value::Null), lead(992, ana())], 1, 1),
    );
    let preview = links.call("POST", "crm-links/preview", &link("krayin://leads"));
    let counts = json!({ "everyone": 0, "known": 1, "unknown": 1 });
    assert_eq!(preview.json["owners"], counts, "{}", preview.text());
    links.add("krayin://leads", &json!({}));
    run(&links);
    let owners = owners(&links);
    assert_eq!(owners.len(), 2);
    assert!(owners[0] != "[]" && owners[0] != owners[1], "{owners:?}");
}

#[test]
fn products_of_krayin_are_for_everybody() {
    let links = connected("krayin");
    let url = format!("{KRAYIN}/products?limit=100&sort=id&order=asc&page=1");
    let kettle = json!({ "id": 3, "sku": "KETTLE-1", "name": "A blue kettle", "price": "20.0000" });
    links.serve_json(&url, &of_krayin(&[kettle], 1, 1));
    links.add("krayin://products", &json!({}));
    run(&links);
    assert_eq!(owners(&links), ["[]"]);
}

#[test]
fn customers_of_kustomer_go_on_at_their_links_and_are_their_own() {
    let links = connected("kustomer");
    let customer = |id: &str, email: &str| {
        json!({
            "type": "customer", "id": id,
            "attributes": {
                "name": "Ann Lee", "displayName": "Ann Lee", "emails": [{ "type": "home", "email": email, "verified": true }],
                "phones": [{ "type": "mobile", "phone": "+353871234567", "verified": false }], "sharedEmails": [],
            },
            "relationships": { "org": { "data": { "type": "org", "id": "5aecd7338a0607779d1ec9cc" } } },
            "links": { "self": "/v1/customers/1" },
        })
    };
    let page = |records: Value, next: Value| {
        json!({
            "data": records, "meta": { "page": 1, "pageSize": 100 },
            "links": { "self": "/v1/customers", "first": "/v1/customers?page=1", "prev": null, "next": next },
        })
    };
    let first = format!("{KUSTOMER}/customers?page=1&pageSize=100");
    let ann = customer("5f1", "ann@example.com");
    links.serve_json(
        &first,
        &page(json!([ann]), json!("/v1/customers?page=2&pageSize=100")),
    );
    let bob = customer("5f2", "bob@example.com");
    let second = format!("{KUSTOMER}/customers?page=2&pageSize=100");
    links.serve_json(&second, &page(json!([bob]), Value::Null));
    let id = links.add("kustomer://customers", &json!({}));
    run(&links);
    assert_eq!(
        links.link(&id)["last_fetch"]["records"],
        2,
        "{}",
        links.link(&id)
    );
    let owners = owners(&links);
    assert!(
        owners.len() == 2 && owners.iter().all(|owners| owners != "[]"),
        "{owners:?}"
    );
    assert!(
        !links.stored().contains("5aecd7338a0607779d1ec9cc"),
        "what only joins records is left out"
    );
    let asked = links.stack.ports.take_requests();
    assert!(
        asked.iter().all(|request| request.method == "GET"),
        "{asked:?}"
    );
}

#[test]
fn conversations_and_custom_objects_of_kustomer_are_not_for_everybody() {
    for list in ["conversations", "klasses/order"] {
        let links = connected("kustomer");
        let record =
            json!({ "type": "thing", "id": "5f3", "attributes": { "name": "About a refund" } });
        let url = format!("{KUSTOMER}/{list}?page=1&pageSize=100");
        links.serve_json(
            &url,
            &json!({ "data": [record], "links": { "next": null } }),
        );
        links.add(&format!("kustomer://{list}"), &json!({}));
        run(&links);
        let owners = owners(&links);
        assert!(owners.len() == 1 && owners[0] != "[]", "{list} {owners:?}");
        // Who knows better says so.
        let public = links.add(
            &format!("kustomer://{list}"),
            &json!({ "page_id": "2", "identity": { "public": true } }),
        );
        run(&links);
        assert_eq!(links.link(&public)["state"], "fresh");
        assert!(self::owners(&links).contains(&"[]".to_owned()));
    }
}

#[test]
fn what_cannot_be_read_by_a_connection_is_refused() {
    let links = connected("krayin");
    for (url, more, at) in [
        ("krayin://users", json!({}), "url"),
        ("krayin://", json!({}), "url"),
        ("kustomer://klasses/../users", json!({}), "url"),
        ("krayin://leads", json!({ "type": "file" }), "type"),
        ("krayin://leads", json!({ "api_key": "a-key" }), "url"),
        (
            "krayin://leads",
            json!({ "headers": { "x-a": "b" } }),
            "url",
        ),
        ("krayin://leads", json!({ "body": {} }), "url"),
    ] {
        let mut body = link(url);
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        for path in ["crm-links", "crm-links/preview"] {
            let refused = links.call("POST", path, &body);
            assert_eq!(refused.refusal(), (422, "invalid_request"), "{url} {more}");
            assert_eq!(refused.detail().0, at, "{url} {more}");
        }
    }
    let refused = links.call("POST", "crm-links", &link("kustomer://customers"));
    assert_eq!(refused.refusal(), (409, "conflict"), "it is not connected");
    let id = links.add("krayin://leads", &json!({ "is_active": false }));
    let patched = links.call(
        "PATCH",
        &format!("crm-links/{id}"),
        &json!({ "api_key": "a-key" }),
    );
    assert_eq!(patched.status, 422);
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_connection_that_is_off_or_rests_is_told() {
    let links = connected("krayin");
    let id = links.add("krayin://leads", &json!({}));
    let error = || {
        links.run();
        links.link(&id)["last_fetch"]["error"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let until = links.stack.now().micros() + 600 * 1_000_000;
    links
        .stack
        .db
        .sql(&format!("UPDATE integrations SET broken_until = {until}"));
    assert!(error().contains("rests"), "{}", error());
    links
        .stack
        .db
        .sql("UPDATE integrations SET broken_until = NULL, status = 'disabled'");
    links.later();
    assert!(error().contains("not connected"), "{}", error());
    links
        .stack
        .db
        .sql("UPDATE integrations SET status = 'active', credentials = NULL");
    links.later();
    assert!(error().contains("no key"), "{}", error());
    assert!(links.stack.ports.take_requests().is_empty());
}
