use super::Desk;
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

#[test]
fn channel_test_answers_with_what_the_provider_says_of_the_account() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    desk.stack
        .outside
        .set("GRAPH_API_BASE", "http://127.0.0.1:9/");
    let said = json!({
        "display_phone_number": "+353 1", "verified_name": "Shop", "quality_rating": "GREEN",
        "id": "106540352242922"
    });
    desk.stack.outside.will(answer(200, &said));
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
    assert_eq!(tested.status, 200);
    let detail = json!({
        "display_phone_number": "+353 1", "verified_name": "Shop", "quality_rating": "GREEN"
    });
    assert_eq!(tested.json, json!({ "ok": true, "detail": detail }));
    let asked = desk.stack.outside.take_requests().remove(0);
    let fields = "display_phone_number,verified_name,quality_rating";
    let url = format!("http://127.0.0.1:9/v26.0/106540352242922?fields={fields}");
    assert_eq!(
        (asked.method, asked.url, asked.timeout_ms),
        ("GET", url, 10_000)
    );
    assert_eq!(
        asked.headers,
        [("authorization", "Bearer EAAGtoken".to_owned())]
    );
}

#[test]
fn a_test_says_what_is_wrong_and_never_quotes_the_token() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
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
        (refused(), "could not be reached"),
        (timed_out(), "within 10 seconds"),
    ];
    for (outcome, sentence) in cases {
        desk.stack.outside.will(outcome);
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
    assert!(desk.stack.outside.take_requests().is_empty());
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
