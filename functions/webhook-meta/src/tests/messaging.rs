use super::{count, signed};
use common::ports::Queue;
use serde_json::json;
use testkit::{APP_SECRET, Stack, Tenant};

/// A business with the page `109` and the Instagram account `178`, which has a second secret.
fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let mut credentials = json!({"access_token": "t", "app_secret": APP_SECRET});
    let settings = json!({});
    let _page = stack.channel(&tenant, "facebook", "109", &settings, &credentials);
    credentials["instagram_app_secret"] = "second".into();
    let _account = stack.channel(&tenant, "instagram", "178", &settings, &credentials);
    (stack, tenant)
}

fn text_event(object: &str, account: &str, mid: &str) -> String {
    let event = json!({"sender": {"id": "7"}, "recipient": {"id": account}, "timestamp": 5,
        "message": {"mid": mid, "text": "Hello"}});
    json!({"object": object, "entry": [{"id": account, "messaging": [event]}]}).to_string()
}

#[test]
fn what_is_of_messenger_and_instagram_is_taken_in_and_counted() {
    let (stack, tenant) = stack();
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hooks", &["*"]);
    for (object, account, secret) in [
        ("page", "109", APP_SECRET),
        ("instagram", "178", APP_SECRET),
        ("instagram", "178", "second"),
    ] {
        let answer = signed(&stack, secret, &text_event(object, account, secret));
        let expected = json!({"received": 1, "ignored": 0, "kept": false});
        assert_eq!((answer.status, &answer.json), (200, &expected));
    }
    assert_eq!(count(&stack, "messages"), 3);
    assert_eq!(stack.ports.take_wakes(Queue::Events).len(), 3);
}

#[test]
fn a_signature_of_another_account_is_a_forgery_there_too() {
    let (stack, _) = stack();
    let other = stack.tenant("Another business");
    let credentials = json!({"access_token": "t", "app_secret": "theirs"});
    let _theirs = stack.channel(&other, "facebook", "999", &json!({}), &credentials);
    let body = text_event("page", "109", "m_1");
    for secret in ["theirs", "nobody's", "second"] {
        let answer = signed(&stack, secret, &body);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{secret}");
    }
    assert_eq!(count(&stack, "messages"), 0);
}

#[test]
fn an_account_that_nobody_has_is_acknowledged() {
    let (stack, _) = stack();
    let answer = signed(&stack, APP_SECRET, &text_event("page", "5", "m_1"));
    assert_eq!((answer.status, &answer.json["ignored"]), (200, &json!(1)));
    assert_eq!(answer.log["note"], "1 not for us");
}

#[test]
fn half_of_json_is_refused() {
    let (stack, _) = stack();
    let answer = signed(&stack, APP_SECRET, "{\"object\":\"page\"");
    assert_eq!(answer.refusal(), (400, "malformed_json"));
}
