//! The same by an agent at the embedded inbox.

use super::{events, handle, stack};
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack};

fn change(stack: &Stack, token: &str, id: &str, change: Json) -> Answer {
    let mut body = change;
    body["conversation_id"] = id.into();
    let call = stack.call("conversations", "PATCH", "/embed/api/conversation");
    call.bearer(token).json(&body).send(handle)
}

#[test]
fn inbox_change_answers_the_conversation_and_raises_what_is_new() {
    let (stack, tenant, id) = stack();
    let token = stack.inbox_token(&tenant, None, Some(("7", "Ann"))).token;
    let body = json!({"status": "pending", "assignee": "7", "priority": "high", "tags": ["a"]});
    let answer = change(&stack, &token, &id, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["conversation"]["assignee"], "7");
    assert_eq!(events(&stack).len(), 2);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn inbox_change_refuses_callers_without_a_token() {
    let (stack, tenant, _) = stack();
    let call = || {
        stack
            .call("conversations", "PATCH", "/embed/api/conversation")
            .json(&json!({}))
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&tenant.api_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("a.b.c").send(handle).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn inbox_change_refuses_invalid_input() {
    let (stack, tenant, id) = stack();
    let token = stack.inbox_token(&tenant, None, None).token;
    for body in [
        json!({}),
        json!({"status": "done"}),
        json!({"colour": "red"}),
    ] {
        let answer = change(&stack, &token, &id, body.clone());
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
}

#[test]
fn a_token_for_one_customer_changes_that_customers_conversation_alone() {
    let (stack, tenant, id) = stack();
    stack.receive_whatsapp("1001", "wamid.2", "353877654321", "Hello");
    stack.db.sql("DELETE FROM outbox");
    let customer = |of: &str| {
        let sql = format!("SELECT customer_id FROM conversations WHERE id {of} '{id}'");
        stack.db.value(&sql).into_text().unwrap()
    };
    let (own, another) = (customer("="), customer("<>"));
    let token = |customer: &str| stack.inbox_token(&tenant, Some(customer), None).token;
    let refused = change(&stack, &token(&another), &id, json!({"status": "closed"}));
    assert_eq!(refused.refusal(), (404, "not_found"));
    assert_eq!(events(&stack), Vec::<String>::new());
    let done = change(&stack, &token(&own), &id, json!({"status": "closed"}));
    assert_eq!(done.status, 200);
    let other = stack.tenant("Another business");
    let foreign = stack.inbox_token(&other, None, None).token;
    let refused = change(&stack, &foreign, &id, json!({"status": "open"}));
    assert_eq!(refused.refusal(), (404, "not_found"));
}

#[test]
fn what_no_other_event_tells_is_told_to_the_inbox() {
    let (stack, tenant, id) = stack();
    let token = stack.inbox_token(&tenant, None, None).token;
    let events = || {
        let sql =
            "SELECT group_concat(event, ' ') FROM (SELECT event FROM outbox ORDER BY sequence)";
        stack.db.value(sql).into_text().unwrap_or_default()
    };
    change(&stack, &token, &id, json!({"priority": "high"}));
    assert_eq!(events(), "inbox.changed");
    change(&stack, &token, &id, json!({"priority": "high", "tags": []}));
    assert_eq!(events(), "inbox.changed", "nothing changed");
    change(
        &stack,
        &token,
        &id,
        json!({"priority": "low", "assignee": "7"}),
    );
    assert_eq!(events(), "inbox.changed conversation.assigned");
}
