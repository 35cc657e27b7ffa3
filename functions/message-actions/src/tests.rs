use testkit::{Answer, Stack};
use message_actions::handler::handle;

fn call(target: &str) -> Answer {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("message-actions", "POST", target);
    let call = call.key(&tenant.api_key).json(&serde_json::json!({"text": "Hello"}));
    call.send(handle)
}

#[test]
fn message_actions_answers_with_the_business_of_the_key() {
    let answer = call("/api-message-actions");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json["business_id"].is_string());
}

#[test]
fn message_actions_refuses_callers_without_a_key() {
    let stack = Stack::new();
    let call = stack.call("message-actions", "POST", "/api-message-actions");
    assert_eq!(call.send(handle).refusal(), (401, "missing_api_key"));
}

#[test]
fn message_actions_refuses_invalid_input() {
    let answer = call("/api-message-actions?unknown=1");
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}
