mod krayin;
mod messages;
mod trouble;

use common::db::Value;
use common::ports::OutboundRequest;
use customer_history::handler::handle;
use serde_json::{Value as Json, json};
use testkit::{Answer, CUSTOMER_ID, Stack, Tenant, answer};

const API: &str = "https://acme.api.kustomerapp.com";

/// A business that is connected to Kustomer, which knows Joe as k1.
struct Desk {
    stack: Stack,
    tenant: Tenant,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        crate::kustomer::connect(&stack, &tenant, &json!({}));
        let business = &tenant.business_id;
        stack.db.sql(&format!(
            "INSERT INTO customers (business_id, id, external_id, external_system, name, email, phone,
               tags, custom_fields, revision, created_at, updated_at)
             VALUES ('{business}', '{CUSTOMER_ID}', 'CRM 1', '', 'Joe', 'joe@example.com',
               '+353871234567', '[]', '{{}}', 1, 0, 0)"
        ));
        for (kind, value) in [
            ("external_id", "CRM 1"),
            ("email", "joe@example.com"),
            ("phone", "+353871234567"),
        ] {
            stack.db.sql(&format!(
                "INSERT INTO identities VALUES ('{business}', '{kind}', '{value}', '', '{CUSTOMER_ID}')"
            ));
        }
        Self { stack, tenant }
    }

    /// One whose customer is linked with Kustomer's k1, who has these conversations.
    fn linked(conversations: Json) -> Self {
        let desk = Self::new();
        desk.link("customer", CUSTOMER_ID, "k1");
        desk.answers(conversations);
        desk
    }

    fn link(&self, kind: &str, ours: &str, remote: &str) {
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, created_at, updated_at)
             VALUES ('{business}', 'kustomer', '{kind}', '{ours}', '{remote}', 0, 0)"
        ));
    }

    /// Has Kustomer tell these conversations of k1, and that Sarah is u1.
    fn answers(&self, conversations: Json) {
        let users = json!({ "data": [{ "type": "user", "id": "u1",
            "attributes": { "displayName": "Sarah", "email": "sarah@acme.example" } }] });
        let list = json!({ "data": conversations, "links": { "next": null } });
        self.stack.ports.respond(move |request| {
            let response = match path_of(request) {
                "/v1/users" => &users,
                "/v1/customers/k1/conversations" => &list,
                _ => return Some(answer(404, &json!({ "errors": [{ "code": "not_found" }] }))),
            };
            Some(answer(200, response))
        });
    }

    fn ask(&self, more: &str) -> Answer {
        self.ask_as(&self.tenant, &format!("customer_id={CUSTOMER_ID}{more}"))
    }

    fn ask_as(&self, tenant: &Tenant, query: &str) -> Answer {
        let path = format!("/api-customer-history?{query}");
        self.stack
            .call("customer-history", "GET", &path)
            .key(&tenant.api_key)
            .send(handle)
    }

    /// What was asked of Kustomer since this was asked last.
    fn requests_made(&self) -> Vec<String> {
        let requests = self.stack.ports.take_requests();
        requests
            .iter()
            .map(|request| request.url.strip_prefix(API).unwrap().to_owned())
            .collect()
    }

    fn advance_seconds(&self, seconds: i64) {
        self.stack.advance(seconds * 1_000_000);
    }
}

fn path_of(request: &OutboundRequest) -> &str {
    let path = request.url.strip_prefix(API).unwrap_or_default();
    path.split('?').next().unwrap_or_default()
}

/// A conversation there, which went on last on this day of December.
fn conversation(id: &str, day: u8) -> Json {
    json!({ "type": "conversation", "id": id, "attributes": {
        "name": format!("About {id}"), "status": "done", "priority": 4, "messageCount": 3,
        "channels": ["whatsapp", "chat"], "assignedUsers": ["u1"], "satisfaction": 0.5,
        "satisfactionLevel": { "status": "rated" },
        "createdAt": "2025-11-01T08:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "lastMessageIn": { "sentAt": format!("2025-12-{day:02}T10:00:00.000Z") },
        "lastMessageOut": { "sentAt": "2025-11-02T10:00:00.000Z" },
    }})
}

fn ids(answer: &Answer) -> Vec<&str> {
    let conversations = answer.json["conversations"].as_array().unwrap();
    let id = |one: &'_ Json| one["id"].as_str().map(str::len).unwrap_or_default();
    assert!(conversations.iter().all(|one| id(one) > 0));
    conversations
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect()
}

#[test]
fn customer_history_answers_the_past_in_our_words() {
    let desk = Desk::linked(json!([conversation("c1", 1), conversation("c2", 2)]));
    desk.link("conversation", "ours", "c2");
    let response = desk.ask("");
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(
        response.json["customer"],
        json!({ "id": CUSTOMER_ID, "external_id": "CRM 1", "name": "Joe" })
    );
    assert_eq!(
        response.json["conversations"][0],
        json!({
            "id": "c2", "name": "About c2", "status": "closed", "priority": "high",
            "channels": ["whatsapp", "chat"], "created_at": "2025-11-01T08:00:00.000000Z",
            "updated_at": "2026-01-01T00:00:00.000000Z",
            "last_message_at": "2025-12-02T10:00:00.000000Z", "message_count": 3,
            "assignee": "sarah@acme.example", "satisfaction": 0.75, "ours": "ours",
        })
    );
    assert_eq!(response.json["conversations"][1]["ours"], Json::Null);
    let rest = |name: &str| response.json[name].clone();
    assert_eq!(rest("success"), json!(true));
    assert_eq!(rest("connector"), json!("kustomer"));
    assert_eq!(rest("remote_customer_id"), json!("k1"));
    assert_eq!(rest("fetched_at"), json!("2026-01-02T03:04:05.000000Z"));
    for name in ["cached", "stale", "truncated", "has_more"] {
        assert_eq!(rest(name), json!(false), "{name}");
    }
    assert_eq!(rest("next_cursor"), Json::Null);
    for query in [
        "external_id=CRM%201",
        "email=JOE@example.com",
        "phone=%2B353871234567",
    ] {
        assert_eq!(ids(&desk.ask_as(&desk.tenant, query)), ["c2", "c1"]);
    }
}

#[test]
fn customer_history_refuses_callers_without_the_scope() {
    let desk = Desk::new();
    let path = format!("/api-customer-history?customer_id={CUSTOMER_ID}");
    let call = || desk.stack.call("customer-history", "GET", &path);
    assert_eq!(call().send(handle).refusal(), (401, "missing_api_key"));
    desk.stack
        .db
        .sql("UPDATE api_keys SET scopes = 'messages:read' WHERE scopes <> 'admin'");
    assert_eq!(desk.ask("").refusal(), (403, "insufficient_scope"));
    assert!(desk.requests_made().is_empty());
}

#[test]
fn customer_history_refuses_invalid_input() {
    let desk = Desk::linked(json!([]));
    for query in [
        "",
        "external_id=1&email=a@b.example",
        "customer_id=1&email=a@b.example",
        "email=nobody",
        "phone=abc",
        "phone=0871234567",
        "customer_id=1&limit=0",
        "customer_id=1&limit=101",
        "customer_id=1&limit=11&include_messages=true",
        "customer_id=1&cursor=x",
        "customer_id=1&refresh=yes",
        "customer_id=1&include_messages=2",
        "customer_id=1&include_notes=true",
    ] {
        let refused = desk.ask_as(&desk.tenant, query);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{query}");
    }
    let nobody = desk.ask_as(&desk.tenant, "external_id=nobody");
    assert_eq!(nobody.refusal(), (404, "not_found"));
    assert!(desk.requests_made().is_empty());
}

#[test]
fn whoever_is_not_linked_is_looked_for_by_what_names_them() {
    let desk = Desk::new();
    let response = |id: &str| json!({ "data": { "type": "customer", "id": id, "attributes": {} } });
    let nobody = || answer(404, &json!({}));
    desk.stack.ports.will(nobody());
    desk.stack.ports.will(nobody());
    desk.stack.ports.will(answer(200, &response("k1")));
    desk.stack.ports.will(answer(200, &json!({ "data": [] })));
    let found = desk.ask("");
    assert_eq!(
        desk.requests_made(),
        [
            "/v1/customers/externalId=CRM%201",
            "/v1/customers/email=joe%40example.com",
            "/v1/customers/phone=%2B353871234567",
            "/v1/customers/k1/conversations?page=1&pageSize=100",
        ]
    );
    assert_eq!(found.json["remote_customer_id"], "k1");
    assert_eq!(
        desk.stack.db.value("SELECT count(*) FROM crm_links"),
        Value::Integer(0),
        "reading makes no links"
    );
}

#[test]
fn whoever_is_not_there_has_no_past_and_that_is_remembered_too() {
    let desk = Desk::new();
    desk.answers(json!([conversation("another's", 1)]));
    for is_cached in [false, true] {
        let response = desk.ask("");
        assert_eq!(response.json["conversations"], json!([]));
        assert_eq!(response.json["remote_customer_id"], Json::Null);
        assert_eq!(response.json["cached"], is_cached);
    }
    assert_eq!(desk.requests_made().len(), 3);
}

#[test]
fn a_link_whose_other_side_was_merged_is_no_dead_end() {
    let desk = Desk::new();
    desk.link("customer", CUSTOMER_ID, "gone");
    let response = json!({ "data": { "type": "customer", "id": "k1", "attributes": {} } });
    desk.stack.ports.will(answer(404, &json!({})));
    desk.stack.ports.will(answer(200, &response));
    desk.answers(json!([conversation("c1", 1)]));
    let found = desk.ask("");
    assert_eq!(found.json["remote_customer_id"], "k1");
    assert_eq!(ids(&found), ["c1"]);
}

#[test]
fn an_answer_holds_for_ten_minutes_and_for_half_a_minute_for_whoever_refreshes() {
    let desk = Desk::linked(json!([conversation("c1", 1)]));
    let cached = |more: &str| desk.ask(more).json["cached"].as_bool().unwrap();
    assert!(!cached(""));
    desk.advance_seconds(29);
    assert!(cached("") && cached("&refresh=true"));
    desk.advance_seconds(1);
    assert!(cached("") && !cached("&refresh=true"));
    assert!(cached("&refresh=true"), "it was asked just now");
    desk.advance_seconds(599);
    assert!(cached(""));
    desk.advance_seconds(1);
    assert!(!cached(""));
}

#[test]
fn every_page_is_read_up_to_five_and_the_answer_says_that_there_are_more() {
    let desk = Desk::new();
    desk.link("customer", CUSTOMER_ID, "k1");
    desk.stack.ports.respond(|request| {
        let page = request.url.split("page=").nth(1)?.split('&').next()?;
        let next: u8 = page.parse::<u8>().ok()? + 1;
        let mut one = conversation(&format!("c{page}"), next);
        one["attributes"]["assignedUsers"] = json!([]);
        // One that moved on while the pages were read, and one that was deleted.
        let mut gone = conversation("gone", 3);
        gone["attributes"]["deleted"] = json!(true);
        let twice = conversation("twice", 1);
        let next = format!("/v1/customers/k1/conversations?page={next}&pageSize=100");
        let list = [one, gone, twice];
        Some(answer(
            200,
            &json!({ "data": list, "links": { "next": next } }),
        ))
    });
    let response = desk.ask("");
    assert_eq!(ids(&response), ["c5", "c4", "c3", "c2", "c1", "twice"]);
    assert_eq!(response.json["truncated"], true);
    let pages = desk.requests_made();
    let pages = pages.iter().filter(|path| path.contains("conversations"));
    assert_eq!(pages.count(), 5);
}

#[test]
fn pages_give_every_conversation_once_the_latest_first() {
    let all: Vec<_> = (1..=7)
        .map(|n| conversation(&format!("c{n}"), 10 - n / 2))
        .collect();
    let desk = Desk::linked(json!(all));
    let mut seen = Vec::new();
    let mut more = "&limit=3".to_owned();
    loop {
        let response = desk.ask(&more);
        seen.extend(ids(&response).into_iter().map(str::to_owned));
        let Some(cursor) = response.json["next_cursor"].as_str() else {
            assert_eq!(response.json["has_more"], false);
            break;
        };
        assert_eq!(response.json["has_more"], true);
        more = format!("&limit=3&cursor={cursor}");
    }
    assert_eq!(seen, ["c1", "c3", "c2", "c5", "c4", "c7", "c6"]);
    assert_eq!(
        desk.requests_made().len(),
        2,
        "the list and the people, once"
    );
}

#[test]
fn a_conversation_that_nobody_rated_has_no_satisfaction() {
    let unrated = json!([
        { "type": "conversation", "id": "fresh", "attributes": { "satisfaction": 0 } },
        { "type": "conversation", "id": "offered", "attributes": { "satisfaction": 0,
            "satisfactionLevel": { "status": "offered", "score": 0 } } },
    ]);
    let response = Desk::linked(unrated).ask("");
    for conversation in response.json["conversations"].as_array().unwrap() {
        assert_eq!(conversation["satisfaction"], json!(null), "{conversation}");
    }
}

#[test]
fn what_is_missing_or_of_another_type_there_is_null() {
    let odd = json!([
        { "type": "conversation", "id": "bare" },
        { "type": "conversation", "id": "odd", "attributes": {
            "name": 7, "status": "elsewhere", "priority": 9, "channels": "chat", "messageCount": -1,
            "createdAt": "yesterday", "updatedAt": 5, "assignedUsers": [{}, null], "satisfaction": "NaN",
            "satisfactionLevel": { "status": "rated", "score": 3 }, "lastMessageIn": "no" } },
        { "type": "conversation" }, 7, null,
    ]);
    let desk = Desk::linked(odd);
    let response = desk.ask("");
    assert_eq!(ids(&response), ["odd", "bare"]);
    let nothing = json!({
        "id": "bare", "name": null, "status": null, "priority": null, "channels": [],
        "created_at": null, "updated_at": null, "last_message_at": null, "message_count": 0,
        "assignee": null, "satisfaction": null, "ours": null,
    });
    assert_eq!(response.json["conversations"][1], nothing);
    let mut expected = nothing;
    expected["id"] = json!("odd");
    expected["name"] = json!("7");
    expected["satisfaction"] = json!(1);
    assert_eq!(response.json["conversations"][0], expected);
}

#[test]
fn another_business_has_nothing_of_it() {
    let desk = Desk::linked(json!([conversation("c1", 1)]));
    desk.link("conversation", "ours", "c1");
    assert_eq!(ids(&desk.ask("")), ["c1"]);
    let other = desk.stack.tenant("Another business");
    crate::kustomer::connect(&desk.stack, &other, &json!({}));
    let query = format!("customer_id={CUSTOMER_ID}");
    assert_eq!(desk.ask_as(&other, &query).refusal(), (404, "not_found"));
    // The same id in both: what is remembered and linked is each one's own.
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, name, tags, custom_fields, revision, created_at, updated_at)
         VALUES ('{}', '{CUSTOMER_ID}', 'Jim', '[]', '{{}}', 1, 0, 0)",
        other.business_id
    ));
    let response = desk.ask_as(&other, &query);
    assert_eq!(response.json["conversations"], json!([]));
    assert_eq!(response.json["cached"], false);
}
