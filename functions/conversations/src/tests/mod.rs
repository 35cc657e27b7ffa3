mod inbox;
mod members;

use common::db::Value;
use common::ports::Queue;
use conversations::handler::handle;
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack, Tenant};

fn stack() -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "Hello");
    stack.db.sql("DELETE FROM outbox");
    stack.ports.take_wakes(Queue::Events);
    let id = stack
        .db
        .value("SELECT id FROM conversations")
        .into_text()
        .unwrap();
    (stack, tenant, id)
}

fn change(stack: &Stack, tenant: &Tenant, id: &str, change: Json) -> Answer {
    let mut body = change;
    body["conversation_id"] = id.into();
    let call = stack.call("conversations", "PATCH", "/api-conversations");
    call.key(&tenant.api_key).json(&body).send(handle)
}

fn events(stack: &Stack) -> Vec<String> {
    let rows = stack
        .db
        .sql("SELECT event || ' ' || detail FROM outbox ORDER BY sequence");
    rows.into_iter()
        .flatten()
        .filter_map(Value::into_text)
        .collect()
}

#[test]
fn conversation_change_answers_the_conversation_and_raises_what_is_new() {
    let (stack, tenant, id) = stack();
    let all = json!({"status": "pending", "priority": "high", "assignee": "Sarah", "tags": ["a"]});
    let answer = change(&stack, &tenant, &id, all.clone());
    assert_eq!(
        (answer.status, &answer.json["success"]),
        (200, &json!(true))
    );
    for field in ["status", "priority", "assignee", "tags"] {
        assert_eq!(answer.json["conversation"][field], all[field], "{field}");
    }
    let expected = [
        "conversation.status_changed {\"status\":\"pending\",\"previous_status\":\"open\"}",
        "conversation.assigned {\"assignee\":\"Sarah\",\"previous_assignee\":null}",
    ];
    assert_eq!(events(&stack), expected);
    assert_eq!(stack.ports.take_wakes(Queue::Events).len(), 1);
    change(&stack, &tenant, &id, all);
    assert_eq!(events(&stack), expected);
    let answer = change(&stack, &tenant, &id, json!({"assignee": null}));
    assert_eq!(answer.json["conversation"]["assignee"], Json::Null);
    assert_eq!(answer.json["conversation"]["priority"], "high");
}

#[test]
fn conversation_change_refuses_callers_without_a_key() {
    let (stack, _, _) = stack();
    let call = stack.call("conversations", "PATCH", "/api-conversations");
    assert_eq!(
        call.json(&json!({})).send(handle).refusal(),
        (401, "missing_api_key")
    );
}

#[test]
fn conversation_change_refuses_invalid_input() {
    let (stack, tenant, id) = stack();
    for body in [
        json!({}),
        json!({"status": "done"}),
        json!({"priority": 1}),
        json!({"assignee": ""}),
        json!({"assignee": "x".repeat(201)}),
        json!({"tags": vec!["t"; 51]}),
        json!({"tags": ["x".repeat(101)]}),
        json!({"colour": "red"}),
    ] {
        let answer = change(&stack, &tenant, &id, body.clone());
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    assert_eq!(events(&stack), Vec::<String>::new());
}

#[test]
fn a_conversation_of_another_business_is_not_there() {
    let (stack, _, id) = stack();
    let other = stack.tenant("Another business");
    for id in [id.as_str(), "019b0000-0000-7000-8000-000000000009", "x"] {
        let answer = change(&stack, &other, id, json!({"status": "closed"}));
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    let open = stack.db.value("SELECT status FROM conversations");
    assert_eq!((open, events(&stack)), (Value::from("open"), Vec::new()));
}

#[test]
fn a_conversation_is_not_reopened_beside_another_that_is_open() {
    let (stack, tenant, id) = stack();
    change(&stack, &tenant, &id, json!({"status": "closed"}));
    stack.advance(73 * 3_600_000_000);
    stack.receive_whatsapp("1001", "wamid.2", "353871234567", "Hello again");
    let answer = change(&stack, &tenant, &id, json!({"status": "open"}));
    assert_eq!(answer.refusal(), (409, "conflict"));
}
