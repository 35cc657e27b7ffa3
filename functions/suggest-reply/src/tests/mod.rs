mod injection;
mod settings;
mod stream;
mod trouble;

use common::ports::OutboundRequest;
use serde_json::{Value, json};
use suggest_reply::handler::handle;
use testkit::{
    Answer, Links, MODEL_KEY as API_KEY, MODEL_SERVER as SERVER, Stack, Tenant, completion,
    model_server,
};

const PATH: &str = "/api-suggest-reply";
const SETTINGS: &str = "/api/dashboard/replies";
const SHOP: &str = "https://shop.example/customers.json";

/// A business with a conversation by WhatsApp, whose account is this one.
struct Desk {
    links: Links,
    account: String,
    conversation: String,
}

impl Desk {
    fn new() -> Self {
        Self::at("1001")
    }

    fn at(account: &str) -> Self {
        let links = Links::new();
        let _channel = links.stack.whatsapp(&links.tenant, account);
        let stack = &links.stack;
        stack.receive_whatsapp(
            account,
            "wamid.1",
            "353871234567",
            "Where is my order A-77?",
        );
        let id = stack.db.value("SELECT id FROM conversations");
        Self {
            account: account.to_owned(),
            conversation: id.into_text().unwrap(),
            links,
        }
    }

    /// As [`Desk::new`], with a server that writes drafts.
    fn set_up() -> Self {
        let desk = Self::new();
        desk.set(&json!({}));
        desk
    }

    fn stack(&self) -> &Stack {
        &self.links.stack
    }

    fn tenant(&self) -> &Tenant {
        &self.links.tenant
    }

    fn settings(&self, method: &str, body: &Value) -> Answer {
        self.links.reply_settings(method, body)
    }

    /// Sets the server, with this in the place of what is usual.
    fn put(&self, other: &Value) -> Answer {
        self.settings("PUT", &model_server(other))
    }

    fn set(&self, other: &Value) -> Value {
        self.links.set_replies(other)
    }

    /// Fetches these records for answers in WhatsApp; `phone` says whose one is.
    fn records(&self, records: &Value) {
        self.links.whatsapp_records(&self.account, SHOP, records);
    }

    fn will_say(&self, text: &str) {
        self.links.will_say(text);
    }

    fn suggest(&self) -> Answer {
        self.suggest_for(&self.conversation)
    }

    fn suggest_for(&self, id: &str) -> Answer {
        let call = self.stack().call("suggest-reply", "POST", PATH);
        call.key(&self.tenant().api_key)
            .json(&json!({ "conversation_id": id }))
            .send(handle)
    }

    /// What the server was asked, and the request.
    fn asked(&self) -> (Value, OutboundRequest) {
        let request = self.stack().ports.take_requests().pop().expect("a request");
        let body = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
        (body, request)
    }
}

#[test]
fn reply_suggest_answers_with_a_draft_and_its_sources() {
    let desk = Desk::set_up();
    desk.records(&json!({ "customers": [
        { "id": 7, "phone": "+353871234567", "order": "A-77", "state": "on its way", "note": "n".repeat(900) },
        { "id": 8, "phone": "+353877654321", "order": "A-78", "state": "lost" },
        { "id": 9, "order": "how long an order takes", "state": "two days" },
    ] }));
    desk.will_say("It is on its way.");
    let suggested = desk.suggest();
    assert_eq!(suggested.status, 200, "{}", suggested.text());
    assert_eq!(suggested.json["draft"], "It is on its way.");
    assert_eq!(suggested.json["model"], "small");
    assert_eq!(suggested.json["truncated"], false);
    let sources = suggested.json["sources"].as_array().unwrap();
    let keys: Vec<_> = sources
        .iter()
        .map(|one| one["record_key"].as_str().unwrap())
        .collect();
    assert!(keys.contains(&"7") && !keys.contains(&"8"), "{keys:?}");
    for source in sources {
        assert_eq!(source["link_name"], "Shop");
        assert!(source["text"].as_str().unwrap().chars().count() <= 300);
        for field in ["link_id", "path", "fetched_at"] {
            assert!(!source[field].as_str().unwrap().is_empty(), "{field}");
        }
    }
    let (body, request) = desk.asked();
    assert_eq!(
        (request.method, &*request.url),
        ("POST", "https://llm.example/v1/chat/completions")
    );
    assert!(
        request
            .headers
            .contains(&("authorization", format!("Bearer {API_KEY}")))
    );
    assert_eq!(
        (&body["model"], &body["max_tokens"]),
        (&json!("small"), &json!(800))
    );
    assert_eq!(body.get("temperature"), None);
    let told = body["messages"][1]["content"].as_str().unwrap();
    assert!(
        told.contains("Where is my order A-77?") && told.contains("on its way"),
        "{told}"
    );
    assert!(!told.contains("lost"), "{told}");
    // Nothing is sent, and nothing is stored.
    assert_eq!(
        desk.stack().db.value("SELECT count(*) FROM messages"),
        1.into()
    );
    assert_eq!(
        desk.stack().db.value("SELECT count(*) FROM sends"),
        0.into()
    );
}

#[test]
fn reply_suggest_refuses_invalid_input() {
    let desk = Desk::set_up();
    let call = |body: &Value| {
        let call = desk.stack().call("suggest-reply", "POST", PATH);
        call.key(&desk.tenant().api_key).json(body).send(handle)
    };
    for (body, path, rule) in [
        (json!({}), "conversation_id", "required"),
        (json!({ "conversation_id": 1 }), "conversation_id", "text"),
        (json!({ "conversation_id": "x" }), "conversation_id", "id"),
        (
            json!({ "conversation_id": desk.conversation, "model": "x" }),
            "model",
            "unknown",
        ),
        (json!([]), "body", "object"),
    ] {
        let refused = call(&body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn reply_suggest_refuses_callers_without_a_key_of_the_business() {
    let desk = Desk::set_up();
    let body = json!({ "conversation_id": desk.conversation });
    let call = || desk.stack().call("suggest-reply", "POST", PATH).json(&body);
    assert_eq!(call().send(handle).refusal(), (401, "missing_api_key"));
    assert_eq!(
        call().key("tl_x").send(handle).refusal(),
        (401, "invalid_api_key")
    );
    let other = desk.links.other();
    let refused = call().key(&other.tenant.api_key).send(handle);
    assert_eq!(
        refused.refusal(),
        (409, "not_set_up"),
        "it has its own settings"
    );
    let theirs = Desk {
        links: other,
        account: String::new(),
        conversation: desk.conversation.clone(),
    };
    theirs.set(&json!({}));
    assert_eq!(theirs.suggest().refusal(), (404, "not_found"));
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn inbox_suggest_answers_for_whom_its_token_may_see() {
    let desk = Desk::set_up();
    desk.stack()
        .receive_whatsapp("1001", "wamid.2", "353877654321", "Hello");
    let of = |sign: &str| {
        let of = format!(
            "SELECT customer_id FROM conversations WHERE id {sign} '{}'",
            desk.conversation
        );
        desk.stack().db.value(&of).into_text().unwrap()
    };
    let call = |token: &str| {
        let call = desk
            .stack()
            .call("suggest-reply", "POST", "/embed/api/suggest-reply");
        call.bearer(token)
            .json(&json!({ "conversation_id": desk.conversation }))
            .send(handle)
    };
    let token = |customer: Option<&str>| {
        desk.stack()
            .inbox_token(desk.tenant(), customer, None)
            .token
    };
    for customer in [None, Some(&*of("="))] {
        desk.will_say("Hello!");
        let suggested = call(&token(customer));
        assert_eq!(suggested.status, 200, "{}", suggested.text());
        assert_eq!(suggested.json["draft"], "Hello!");
        assert_eq!(suggested.header("access-control-allow-origin"), None);
    }
    desk.stack().ports.take_requests();
    let refused = call(&token(Some(&of("<>"))));
    assert_eq!(refused.refusal(), (404, "not_found"));
    assert!(
        refused.text().contains("no such conversation"),
        "{}",
        refused.text()
    );
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn inbox_suggest_refuses_callers_without_a_token() {
    let desk = Desk::set_up();
    let call = || {
        let call = desk
            .stack()
            .call("suggest-reply", "POST", "/embed/api/suggest-reply");
        call.json(&json!({ "conversation_id": desk.conversation }))
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&desk.tenant().api_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("a.b.c").send(handle).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn inbox_suggest_refuses_invalid_input() {
    let desk = Desk::set_up();
    let token = desk.stack().inbox_token(desk.tenant(), None, None).token;
    for body in [
        json!({}),
        json!({ "conversation_id": "x" }),
        json!({ "text": "x" }),
    ] {
        let call = desk
            .stack()
            .call("suggest-reply", "POST", "/embed/api/suggest-reply");
        let refused = call.bearer(&token).json(&body).send(handle);
        assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
    }
}

#[test]
fn a_conversation_in_which_nothing_was_written_has_nothing_to_answer() {
    let desk = Desk::set_up();
    desk.stack().db.sql("UPDATE messages SET content = ''");
    let refused = desk.suggest();
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("conversation_id", "has_messages"))
    );
    let unknown = desk.suggest_for("01900000-0000-7000-8000-0000000000d9");
    assert_eq!(unknown.refusal(), (404, "not_found"));
}

#[test]
fn a_repeated_call_is_given_the_same_draft_which_is_stored_sealed() {
    let desk = Desk::set_up();
    desk.will_say("It is on its way.");
    let call = || {
        let call = desk.stack().call("suggest-reply", "POST", PATH);
        let call = call.key(&desk.tenant().api_key);
        let body = json!({ "conversation_id": desk.conversation });
        call.header("idempotency-key", "1").json(&body).send(handle)
    };
    assert_eq!((call().status, call().text()), (200, call().text()));
    assert_eq!(desk.stack().ports.take_requests().len(), 1);
    let stored = desk.stack().db.value("SELECT response FROM idempotency");
    assert!(!stored.into_text().unwrap().contains("on its way"));
}
