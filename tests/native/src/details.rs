//! That a refusal names the field and the rule, whichever function refuses (contract.md, Errors).

use common::Context;
use common::http::{Request, Response, Result};
use serde_json::{Value, json};
use testkit::{Call, Stack};

fn detail<H>(call: Call<'_>, body: &Value, handler: H) -> String
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response>,
{
    let refused = call.json(body).send(handler);
    assert_eq!(refused.refusal(), (422, "invalid_request"), "{body}");
    let (path, rule) = refused.detail();
    format!("{path} {rule}")
}

#[test]
fn an_unknown_field_a_missing_one_and_one_of_another_type_are_named() {
    let (stack, tenant) = Stack::with_tenant();
    let lookup = |body: Value| {
        let call = stack.call(
            "customers-batch-lookup",
            "POST",
            "/api-customers-batch-lookup",
        );
        let handle = customers_batch_lookup::handler::handle;
        detail(call.key(&tenant.api_key), &body, handle)
    };
    assert_eq!(lookup(json!({ "name": ["x"] })), "name unknown");
    assert_eq!(lookup(json!({ "emails": "a@b.ie" })), "emails texts");
    assert_eq!(lookup(json!({ "ids": [1] })), "ids texts");
    assert_eq!(lookup(json!([])), "body object");

    let escalate = |body: Value| {
        let call = stack.call("escalate", "POST", "/api-escalate");
        detail(call.key(&tenant.api_key), &body, escalate::handler::handle)
    };
    assert_eq!(escalate(json!({})), "conversation_id required");
    assert_eq!(
        escalate(json!({ "priority": "top" })),
        "priority known_priority"
    );
    assert_eq!(
        escalate(json!({ "conversation_id": "c", "notify": 1 })),
        "notify boolean"
    );

    let note = |body: Value| {
        let call = stack.call("conversation-notes", "POST", "/api-conversation-notes");
        let handle = conversation_notes::handler::handle;
        detail(call.key(&tenant.api_key), &body, handle)
    };
    assert_eq!(note(json!({ "content": 1 })), "content text");
    assert_eq!(note(json!({ "content": "x" })), "conversation_id required");

    let change = |body: Value| {
        let call = stack.call("conversations", "PATCH", "/api-conversations");
        let handle = conversations::handler::handle;
        detail(call.key(&tenant.api_key), &body, handle)
    };
    assert_eq!(change(json!({ "status": "done" })), "status known_status");
    assert_eq!(change(json!({ "state": "open" })), "state unknown");
    assert_eq!(
        change(json!({ "conversation_id": "c", "assignee": 1 })),
        "assignee text_or_null"
    );

    let token = |body: Value| {
        let call = stack.call("sso-token", "POST", "/api-sso-generate-token");
        detail(call.key(&tenant.api_key), &body, sso_token::handler::handle)
    };
    assert_eq!(
        token(json!({ "agent": { "id": "1" } })),
        "agent.name required"
    );
    assert_eq!(
        token(json!({ "agent": { "id": "1", "mail": "" } })),
        "agent.mail unknown"
    );
}
