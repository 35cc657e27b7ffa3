use common::time::SECOND;
use embed_api::handler::handle;
use serde_json::{Value, json};
use testkit::{ACCESS_TOKEN, Answer, Stack, Tenant, answer, timed_out};

struct Desk {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Desk {
    fn new() -> (Self, String) {
        let (stack, tenant) = Stack::with_tenant();
        let _channel = stack.whatsapp(&tenant, "1001");
        stack.receive_whatsapp("1001", "wamid.1", "353871234567", "Hello");
        let id = stack.db.value("SELECT id FROM conversations");
        let token = stack.inbox_token(&tenant, None, None).token;
        let desk = Self {
            stack,
            tenant,
            token,
        };
        (desk, id.into_text().unwrap())
    }

    fn get(&self, path: &str) -> Answer {
        self.get_by(&self.token, path)
    }

    fn get_by(&self, token: &str, path: &str) -> Answer {
        let path = format!("/embed/api/{path}");
        let call = self.stack.call("embed-api", "GET", &path);
        call.bearer(token).send(handle)
    }
}

/// A conversation of an account whose WhatsApp business account is known.
fn desk() -> (Desk, String) {
    let (desk, id) = Desk::new();
    desk.stack
        .db
        .sql("UPDATE channels SET settings = '{\"waba_id\":\"900\"}'");
    (desk, id)
}

fn template(name: &str, components: Value) -> Value {
    json!({"name": name, "language": "en", "category": "UTILITY", "status": "APPROVED",
        "components": components})
}

fn body(text: &str) -> Value {
    json!({"type": "BODY", "text": text})
}

#[test]
fn inbox_templates_answers_those_that_a_person_can_fill_in() {
    let (desk, id) = desk();
    let url = |url: &str| json!({"type": "BUTTONS", "buttons": [{"type": "URL", "url": url}]});
    let first = json!({"data": [
        template("order", json!([
            {"type": "HEADER", "format": "TEXT", "text": "Your order"},
            body("Hi {{1}}, {{ 2 }} is ready. Bye {{1}}"),
            {"type": "FOOTER", "text": "The shop"},
            url("https://shop.example"),
        ])),
        template("picture", json!([{"type": "HEADER", "format": "IMAGE"}, body("Look")])),
        template("titled", json!([{"type": "HEADER", "format": "TEXT", "text": "{{1}}"}, body("x")])),
        template("tracked", json!([body("x"), url("https://shop.example/{{1}}")])),
        template("code", json!([body("{{1}}"), {"type": "BUTTONS", "buttons": [{"type": "OTP"}]}])),
        {"name": "pending", "language": "en", "status": "PENDING", "components": [body("x")]},
        "odd",
    ], "paging": {"cursors": {"after": "QVFI="}, "next": "https://graph.example/next"}});
    let second = json!({"data": [template("hello", json!([body("Hello")]))],
        "paging": {"cursors": {"after": "x"}}});
    desk.stack.ports.will(answer(200, &first));
    desk.stack.ports.will(answer(200, &second));
    let got = desk.get(&format!("templates?conversation_id={id}"));
    assert_eq!(got.status, 200, "{}", got.text());
    assert_eq!(
        got.json,
        json!({"templates": [
            {"name": "order", "language": "en", "category": "UTILITY",
             "body": "Hi {{1}}, {{ 2 }} is ready. Bye {{1}}", "parameters": 2,
             "header": "Your order", "footer": "The shop"},
            {"name": "hello", "language": "en", "category": "UTILITY", "body": "Hello", "parameters": 0},
        ]})
    );
    let requests_made = desk.stack.ports.take_requests();
    assert_eq!(requests_made.len(), 2);
    let start = "https://graph.facebook.com/v26.0/900/message_templates?status=APPROVED&";
    assert!(
        requests_made[0].url.starts_with(start),
        "{}",
        requests_made[0].url
    );
    assert!(
        requests_made[1].url.ends_with("&after=QVFI="),
        "{}",
        requests_made[1].url
    );
    assert_eq!(
        requests_made[0].headers[0].1,
        format!("Bearer {ACCESS_TOKEN}")
    );
    assert!(requests_made[0].timeout_ms > 0);
}

#[test]
fn templates_are_asked_for_once_in_five_minutes() {
    let (desk, id) = desk();
    let get = || {
        let token = desk.stack.inbox_token(&desk.tenant, None, None).token;
        desk.get_by(&token, &format!("templates?conversation_id={id}"))
            .json
    };
    let one = json!({"data": [template("hello", json!([body("Hello")]))]});
    desk.stack.ports.respond(move |_| Some(answer(200, &one)));
    let first = get();
    desk.stack.advance(299 * SECOND);
    assert_eq!(get(), first);
    assert_eq!(desk.stack.ports.take_requests().len(), 1);
    desk.stack.advance(2 * SECOND);
    assert_eq!(get(), first);
    assert_eq!(desk.stack.ports.take_requests().len(), 1);
}

#[test]
fn an_account_that_cannot_have_any_has_none() {
    let (desk, id) = Desk::new();
    let path = format!("templates?conversation_id={id}");
    let none = json!({"templates": []});
    assert_eq!(desk.get(&path).json, none);
    desk.stack
        .db
        .sql("UPDATE conversations SET channel = 'sms'");
    desk.stack
        .db
        .sql("UPDATE channels SET settings = '{\"waba_id\":\"900\"}'");
    assert_eq!(desk.get(&path).json, none);
    desk.stack
        .db
        .sql("UPDATE conversations SET channel = 'whatsapp'");
    desk.stack
        .db
        .sql("UPDATE channels SET deleted_at = 1, credentials = NULL");
    assert_eq!(desk.get(&path).json, none);
    assert!(desk.stack.ports.take_requests().is_empty());
}

#[test]
fn a_refusal_of_metas_says_what_to_do_and_never_repeats_the_token() {
    let (desk, id) = desk();
    let path = format!("templates?conversation_id={id}");
    let dead = json!({"error": {"code": 190, "message": format!("bad {ACCESS_TOKEN}")}});
    desk.stack.ports.will(answer(401, &dead));
    let refused = desk.get(&path);
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert!(!format!("{}{}", refused.text(), refused.log).contains(ACCESS_TOKEN));
    for outage in [
        answer(503, &json!({})),
        answer(429, &json!({})),
        timed_out(),
    ] {
        desk.stack.ports.will(outage);
        assert_eq!(desk.get(&path).refusal(), (503, "unavailable"));
    }
}

#[test]
fn inbox_templates_refuses_invalid_input() {
    let (desk, _) = desk();
    assert_eq!(desk.get("templates").refusal(), (422, "invalid_request"));
    assert_eq!(
        desk.get("templates?id=1").refusal(),
        (422, "invalid_request")
    );
    assert_eq!(
        desk.get("templates?conversation_id=x").refusal(),
        (404, "not_found")
    );
}

#[test]
fn inbox_templates_refuses_callers_without_a_token() {
    let (desk, id) = desk();
    let path = format!("/embed/api/templates?conversation_id={id}");
    let call = || desk.stack.call("embed-api", "GET", &path);
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&desk.tenant.admin_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("x").send(handle).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn a_conversation_of_others_is_not_there() {
    let (desk, id) = desk();
    let other = desk.stack.tenant("Another business");
    let foreign = desk.stack.inbox_token(&other, None, None).token;
    desk.stack.customer(&desk.tenant, "{}");
    let another = Some(testkit::CUSTOMER_ID);
    let bound = desk.stack.inbox_token(&desk.tenant, another, None).token;
    for token in [foreign, bound] {
        let answer = desk.get_by(&token, &format!("templates?conversation_id={id}"));
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    assert!(desk.stack.ports.take_requests().is_empty());
}
