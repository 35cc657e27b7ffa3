use super::{count, delivery, send, stack};
use common::db::Value;
use serde_json::{Value as Json, json};
use testkit::{Stack, Tenant};

/// A message of ours to Joe, as the provider took it.
fn sent(stack: &Stack, tenant: &Tenant, provider_id: Option<&str>, status: &str) {
    let business = &tenant.business_id;
    let provider_id = provider_id.map_or("NULL".into(), |id| format!("'{id}'"));
    let channel = stack
        .db
        .value("SELECT id FROM channels")
        .into_text()
        .unwrap();
    let now = stack.now().micros();
    for sql in [
        format!(
            "INSERT INTO identities VALUES ('{business}', 'whatsapp', '+353871234567', '', 'joe')"
        ),
        format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
               last_message_at, created_at, updated_at)
             VALUES ('{business}', 'c1', 'joe', '{channel}', 'whatsapp', 1, 1, 1)"
        ),
        format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, status, provider_id, updated_at)
             VALUES ('{business}', {now}, '019b0000-0000-7000-8000-000000000001', 'c1', 'joe',
               '{channel}', 'whatsapp', 'outbound', 'text', '{status}', {provider_id}, 1)"
        ),
    ] {
        stack.db.sql(&sql);
    }
}

fn status(stack: &Stack) -> String {
    stack
        .db
        .value("SELECT status FROM messages")
        .into_text()
        .unwrap()
}

fn status_update(id: &str, status: &str, at: i64) -> Json {
    json!({"id": id, "status": status, "timestamp": at.to_string(), "recipient_id": "353871234567"})
}

fn tell(stack: &Stack, statuses: &[Json]) {
    let answer = send(stack, &delivery(json!({"statuses": statuses})));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_status_climbs_and_never_goes_back() {
    let (stack, tenant) = stack();
    sent(&stack, &tenant, Some("wamid.1"), "sent");
    tell(&stack, &[status_update("wamid.1", "read", 30)]);
    tell(
        &stack,
        &[
            status_update("wamid.1", "delivered", 20),
            status_update("wamid.1", "sent", 10),
        ],
    );
    assert_eq!(status(&stack), "read");
    let times = "SELECT sent_at || ' ' || delivered_at || ' ' || read_at FROM messages";
    assert_eq!(
        stack.db.value(times),
        Value::from("10000000 30000000 30000000")
    );
    let detail = "SELECT group_concat(detail) FROM outbox";
    let expected = "{\"status\":\"read\",\"previous_status\":\"sent\",\"error\":null}";
    assert_eq!(stack.db.value(detail), Value::from(expected));
}

#[test]
fn a_failure_keeps_the_providers_error_and_is_not_resurrected() {
    let (stack, tenant) = stack();
    sent(&stack, &tenant, Some("wamid.1"), "sent");
    let mut failed = status_update("wamid.1", "failed", 20);
    failed["errors"] = json!([{"code": 131047, "title": "Re-engagement message",
        "error_data": {"details": "More than 24 hours have passed"}}]);
    tell(&stack, &[failed]);
    tell(
        &stack,
        &[
            status_update("wamid.1", "sent", 30),
            status_update("wamid.1", "delivered", 31),
        ],
    );
    assert_eq!(status(&stack), "failed");
    let error = stack
        .db
        .value("SELECT error FROM messages")
        .into_text()
        .unwrap();
    assert_eq!(
        error,
        "{\"code\":\"131047\",\"message\":\"More than 24 hours have passed\"}"
    );
}

#[test]
fn an_unsure_message_is_settled_by_the_id_we_gave() {
    let (stack, tenant) = stack();
    sent(&stack, &tenant, None, "uncertain");
    let mut status_late = status_update("wamid.9", "delivered", 20);
    status_late["biz_opaque_callback_data"] = "019b0000-0000-7000-8000-000000000001".into();
    tell(&stack, &[status_late]);
    assert_eq!(status(&stack), "delivered");
    assert_eq!(count(&stack, "unmatched_statuses"), 0);
}

#[test]
fn the_only_unsure_message_to_a_recipient_is_the_one() {
    let (stack, tenant) = stack();
    sent(&stack, &tenant, None, "uncertain");
    tell(&stack, &[status_update("wamid.9", "sent", 20)]);
    assert_eq!(status(&stack), "sent");
}

#[test]
fn a_status_that_comes_before_its_message_is_kept_for_it() {
    let (stack, tenant) = stack();
    sent(&stack, &tenant, None, "queued");
    tell(
        &stack,
        &[
            status_update("wamid.9", "sent", 20),
            status_update("wamid.9", "delivered", 21),
        ],
    );
    tell(&stack, &[status_update("wamid.9", "sent", 20)]);
    assert_eq!(status(&stack), "queued");
    assert_eq!(count(&stack, "unmatched_statuses"), 2);
}

#[test]
fn a_status_of_an_inbound_message_or_an_unknown_kind_does_nothing() {
    let (stack, _) = stack();
    let inbound = super::text("wamid.1", "353871234567", "Hello");
    send(
        &stack,
        &delivery(json!({"messages": [inbound], "statuses": [
        status_update("wamid.1", "failed", 1), status_update("wamid.2", "warning", 1), {"id": "wamid.3"}, 7]})),
    );
    assert_eq!(status(&stack), "received");
}
