use super::Desk;
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

#[test]
fn channel_test_answers_with_what_the_provider_says_of_the_account() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    desk.stack
        .ports
        .set("GRAPH_API_BASE", "http://127.0.0.1:9/");
    let body = json!({
        "display_phone_number": "+353 1", "verified_name": "Shop", "quality_rating": "GREEN",
        "id": "106540352242922"
    });
    desk.stack.ports.will(answer(200, &body));
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
    assert_eq!(tested.status, 200);
    let detail = json!({
        "display_phone_number": "+353 1", "verified_name": "Shop", "quality_rating": "GREEN"
    });
    assert_eq!(tested.json, json!({ "ok": true, "detail": detail }));
    let request = desk.stack.ports.take_requests().remove(0);
    let fields = "display_phone_number,verified_name,quality_rating";
    let url = format!("http://127.0.0.1:9/v26.0/106540352242922?fields={fields}");
    assert_eq!(
        (request.method, request.url, request.timeout_ms),
        ("GET", url, 10_000)
    );
    assert_eq!(
        request.headers,
        [("authorization", "Bearer EAAGtoken".to_owned())]
    );
}

#[test]
fn a_test_says_what_is_wrong_and_never_quotes_the_token() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let other = json!({ "id": "106540352242923" });
    let error = |code: i64, message: &str| json!({ "error": { "code": code, "message": message } });
    let cases = [
        (
            answer(400, &error(190, "Error validating EAAGtoken: expired")),
            "token is dead",
        ),
        (answer(401, &json!("no")), "token is dead"),
        (
            answer(403, &error(10, "no permission")),
            "lacks a permission",
        ),
        (
            answer(400, &error(100, "does not exist")),
            "does not know this account",
        ),
        (answer(500, &Value::Null), "status 500"),
        (answer(200, &json!("what")), "cannot be read"),
        (answer(200, &other), "of another account"),
        (refused(), "could not be reached"),
        (timed_out(), "within 10 seconds"),
    ];
    for (outcome, sentence) in cases {
        desk.stack.ports.will(outcome);
        let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
        assert_eq!((tested.status, &tested.json["ok"]), (200, &json!(false)));
        let error = tested.json["error"].as_str().unwrap();
        assert!(error.contains(sentence), "{error}");
        assert!(!tested.text().contains("EAAGtoken"), "{error}");
    }
}

#[test]
fn channel_test_refuses_callers_of_another_business() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let refused = desk
        .other()
        .call("POST", &format!("{id}/test"), &Value::Null);
    assert_eq!(refused.refusal(), (404, "not_found"));
    assert!(desk.stack.ports.take_requests().is_empty());
}

#[test]
fn channel_test_refuses_invalid_input() {
    let desk = Desk::new();
    assert_eq!(
        desk.call("POST", "/none/test", &Value::Null).refusal(),
        (404, "not_found")
    );
    let refused = desk.call("POST", "/none/test?deep=1", &Value::Null);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

fn email(desk: &Desk, provider: &str, credentials: &Value) -> String {
    let made = desk.create(&json!({
        "kind": "email", "name": "E", "provider": provider,
        "address": format!("{provider}@in.acme.example"),
        "credentials": credentials
    }));
    format!("/{}", made.json["channel"]["id"].as_str().unwrap())
}

#[test]
fn an_account_of_email_is_tested_with_its_provider() {
    let desk = Desk::new();
    let id = email(&desk, "resend", &json!({ "api_key": "re_key" }));
    let domain = |name: &str, status: &str| json!({ "data": [{ "name": name, "status": status }] });
    let cases = [
        (answer(200, &domain("acme.example", "verified")), ""),
        (
            answer(200, &domain("acme.example", "pending")),
            "not verified",
        ),
        (
            answer(200, &domain("evil-in.acme.example", "verified")),
            "does not have",
        ),
        (
            answer(401, &json!({ "name": "restricted_api_key" })),
            "may only send",
        ),
        (
            answer(403, &json!({ "message": "re_key" })),
            "refused the key",
        ),
        (answer(500, &json!("what")), "status 500"),
        (timed_out(), "within 10 seconds"),
    ];
    for (outcome, sentence) in cases {
        desk.stack.ports.will(outcome);
        let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
        let error = tested.json["error"].as_str().unwrap_or_default();
        assert_eq!(tested.json["ok"], json!(sentence.is_empty()), "{error}");
        assert!(
            error.contains(sentence) && !error.contains("re_key"),
            "{error}"
        );
        let request = desk.stack.ports.take_requests().remove(0);
        assert_eq!(request.url, "https://api.resend.com/domains");
    }
}

#[test]
fn postmark_tells_of_its_server_and_cloudflare_needs_no_key() {
    let desk = Desk::new();
    let id = email(&desk, "postmark", &json!({ "api_key": "token" }));
    let body = json!({ "ID": 1, "Name": "Shop", "DeliveryType": "Live" });
    desk.stack.ports.will(answer(200, &body));
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
    let detail = json!({ "server": "Shop", "delivery_type": "Live" });
    assert_eq!(tested.json, json!({ "ok": true, "detail": detail }));
    desk.stack.ports.will(answer(401, &json!({})));
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
    assert!(tested.text().contains("refused the key"));
    let id = email(&desk, "cloudflare", &json!({}));
    let known = desk.call("GET", &id, &Value::Null);
    let record = known.json["channel"]["dns_record"].clone();
    let records = json!({ "Status": 0, "Answer": [{ "type": 16, "data": record }] });
    desk.stack.ports.take_requests();
    desk.stack.ports.will(answer(200, &records));
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
    assert_eq!(tested.json["ok"], json!(true), "{}", tested.text());
    // Its domain alone is asked.
    let requests = desk.stack.ports.take_requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].url.starts_with("https://cloudflare-dns.com/"));
}
