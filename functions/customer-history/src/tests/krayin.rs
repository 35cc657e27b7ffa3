//! The history of a customer who is a person in Krayin: leads and their activities.

use crate::krayin::{KRAYIN, connect};
use common::ports::OutboundRequest;
use customer_history::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant, answer};

fn there(request: &OutboundRequest) -> Option<Value> {
    let path = request.url.strip_prefix(KRAYIN)?.split('?').next()?;
    let owner = json!({ "id": 5, "name": "Marta", "email": "marta@crm.test" });
    Some(match path {
        "/leads" => json!([{ "id": 981, "title": "Pallets", "lead_pipeline_id": 1,
            "lead_pipeline_stage_id": 5, "user": owner, "person": { "id": 214 },
            "created_at": "2026-01-01T10:00:00.000000Z", "updated_at": "2026-01-02T10:00:00.000000Z" }]),
        "/settings/pipelines" => json!([{ "id": 1, "name": "Default", "is_default": 1,
            "stages": [{ "id": 1, "code": "new", "name": "New" }, { "id": 5, "code": "won", "name": "Won" }] }]),
        "/settings/users" => json!([owner]),
        "/leads/981/activities" => json!([
            { "id": 2, "type": "system", "title": "Updated Stage", "created_at": "2026-01-02T10:00:00.000000Z" },
            { "id": 1, "type": "note", "title": "Call", "comment": "<p>Wants <b>12</b> &amp; more</p>",
              "user": owner, "created_at": "2026-01-01T11:00:00.000000Z" },
            { "id": 3, "type": "call", "title": "Message from Joe", "comment": "Hello", "user": owner,
              "additional": { "tieline": "message:1", "direction": "inbound" },
              "schedule_from": "2026-01-01T10:00:00.000000Z", "created_at": "2026-01-01T12:00:00.000000Z" }]),
        _ => return None,
    })
}

/// A customer who is a person there.
fn linked() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    connect(&stack, &tenant, &json!({}));
    stack.customer(&tenant, "{}");
    stack.db.sql(
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, created_at, updated_at)
         SELECT business_id, 'krayin', 'customer', id, '214', 0, 0 FROM customers",
    );
    stack
        .ports
        .respond(|request| there(request).map(|data| answer(200, &json!({ "data": data }))));
    (stack, tenant)
}

fn ask(stack: &Stack, tenant: &Tenant, more: &str) -> Answer {
    let target = format!(
        "/api-customer-history?customer_id={}{more}",
        testkit::CUSTOMER_ID
    );
    let call = stack.call("customer-history", "GET", &target);
    call.key(&tenant.api_key).send(handle)
}

#[test]
fn of_several_crms_the_one_that_is_named_is_asked() {
    let (stack, tenant) = linked();
    crate::kustomer::connect(&stack, &tenant, &json!({}));
    let answer = ask(&stack, &tenant, "&connector=krayin");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["connector"], "krayin");
    assert_eq!(answer.json["remote_customer_id"], "214");
    assert_eq!(answer.json["conversations"][0]["name"], "Pallets");
    stack
        .db
        .sql("UPDATE integrations SET status = 'disabled' WHERE connector = 'krayin'");
    for none in ["krayin", "other", "chatwoot"] {
        let refused = ask(&stack, &tenant, &format!("&connector={none}"));
        assert_eq!(refused.refusal(), (409, "crm_not_connected"), "{none}");
    }
}

#[test]
fn leads_are_conversations_and_what_was_said_of_them_messages() {
    let (stack, tenant) = linked();
    let answer = ask(&stack, &tenant, "&include_messages=true");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let conversation = answer.json["conversations"][0].clone();
    assert_eq!(conversation["name"], "Pallets");
    assert_eq!(conversation["status"], "closed");
    assert_eq!(conversation["assignee"], "marta@crm.test");
    let said: Vec<_> = conversation["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["direction"], one["content"]))
        .collect();
    assert!(
        said.contains(&"\"outbound\" \"Wants 12 & more\"".to_owned()),
        "{said:?}"
    );
    assert!(
        said.contains(&"\"inbound\" \"Hello\"".to_owned()),
        "{said:?}"
    );
    assert_eq!(said.len(), 2, "{said:?}");
}
