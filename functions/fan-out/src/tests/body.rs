use super::{HOOK, body, count, fan_out, listening, received};
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::{CONVERSATION_ID, CUSTOMER_ID, Stack};

#[test]
fn a_message_goes_to_who_asked_for_it_with_the_body_of_the_guide() {
    let (stack, tenant, endpoint) = listening(&["message.received", "message.sent"]);
    stack.endpoint(&tenant, HOOK, &["conversation.created"]);
    let sequence = received(&stack, &tenant, "Hello, I need help with my order");
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    let body: Value = serde_json::from_str(&body(&stack, sequence)).unwrap();
    assert_eq!(
        body,
        json!({
            "event": "message.received",
            "id": "event-1",
            "timestamp": "2026-01-02T03:04:05.000000Z",
            "business_id": tenant.business_id,
            "sequence": 1,
            "data": {
                "message_id": "01900000-0000-7000-8000-000000000000",
                "conversation_id": CONVERSATION_ID,
                "customer_id": CUSTOMER_ID,
                "external_id": "CRM-12345",
                "content": "Hello, I need help with my order",
                "channel": "whatsapp",
                "created_at": "2026-01-02T03:04:05.000000Z",
                "message": {
                    "id": "01900000-0000-7000-8000-000000000000",
                    "conversation_id": CONVERSATION_ID,
                    "customer_id": CUSTOMER_ID,
                    "content": "Hello, I need help with my order",
                    "platform": "whatsapp",
                    "channel": "whatsapp",
                    "direction": "inbound",
                    "type": "text",
                    "created_at": "2026-01-02T03:04:05.000000Z",
                    "status": "received",
                    "sent_at": "2026-01-02T03:04:05.000000Z",
                    "reply_to": null,
                    "error": null,
                    "sender_verified": null,
                    "participant": null,
                    "detail": null,
                },
                "customer": {
                    "id": CUSTOMER_ID,
                    "external_id": "CRM-12345",
                    "external_system": null,
                    "other_external_ids": [],
                    "name": "John Doe",
                    "first_name": null,
                    "last_name": null,
                    "email": "john@example.com",
                    "phone": "+353871234567",
                    "whatsapp_number": null,
                    "address": null,
                    "notes": null,
                    "tags": [],
                    "custom_fields": { "crm_segment": "enterprise" },
                    "crm_ids": null,
                    "created_at": "2026-01-02T03:04:05.000000Z",
                    "updated_at": "2026-01-02T03:04:05.000000Z",
                },
                "attachments": [],
            },
        })
    );
    let message = json!({ "business_id": tenant.business_id, "endpoint_id": endpoint });
    assert_eq!(
        stack.ports.take_wakes(Queue::Deliveries),
        [(message.to_string(), 0)]
    );
    assert_eq!(count(&stack, "deliveries"), 1);
}

#[test]
fn a_mail_says_whether_its_sender_is_proven_and_is_the_customer() {
    for (verified, participant) in [
        ("pass", "customer"),
        ("none", "customer"),
        ("fail", "other"),
    ] {
        let (stack, tenant, _) = listening(&["message.received"]);
        let sequence = received(&stack, &tenant, "Hi");
        let detail = json!({ "sender_verified": verified, "participant": participant });
        stack
            .db
            .sql(&format!("UPDATE messages SET detail = '{detail}'"));
        fan_out(&stack, &tenant);
        let body: Value = serde_json::from_str(&body(&stack, sequence)).unwrap();
        for told in [&body["data"], &body["data"]["message"]] {
            assert_eq!(
                (&told["sender_verified"], &told["participant"]),
                (&json!(verified), &json!(participant))
            );
        }
    }
}

#[test]
fn numbers_and_keys_of_a_body_are_as_javascript_writes_them() {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(
        &tenant,
        r#"{"b":1.50,"10":1e21,"9":{"2":-0.0,"1":12345678901234567890},"a":1e-7,"\u0031":"\u00e9\/"}"#,
    );
    stack.endpoint(&tenant, HOOK, &["customer.updated"]);
    let sequence = stack.happened(&tenant, "customer.updated", CUSTOMER_ID, &Value::Null);
    fan_out(&stack, &tenant);
    let body = body(&stack, sequence);
    let fields = r#""custom_fields":{"1":"é/","9":{"1":12345678901234567000,"2":0},"10":1e+21,"b":1.5,"a":1e-7}"#;
    assert!(body.contains(fields), "{body}");
    assert!(body.starts_with(r#"{"event":"customer.updated","id":"event-1","timestamp":""#));
}

#[test]
fn what_a_status_change_says_stands_though_the_message_has_gone_on() {
    let (stack, tenant, _) = listening(&["*"]);
    let id = stack.message(&tenant, "Hi");
    let detail = json!({ "status": "delivered", "previous_status": "sent" });
    let sequence = stack.happened(&tenant, "message.status_changed", &id, &detail);
    stack.db.sql("UPDATE messages SET status = 'read'");
    fan_out(&stack, &tenant);
    let body: Value = serde_json::from_str(&body(&stack, sequence)).unwrap();
    let data = &body["data"];
    assert_eq!(
        (
            &data["status"],
            &data["previous_status"],
            &data["message"]["status"]
        ),
        (&json!("delivered"), &json!("sent"), &json!("delivered"))
    );
}

#[test]
fn a_conversations_event_says_what_it_was_before() {
    let (stack, tenant, _) = listening(&["conversation.assigned"]);
    let detail = json!({ "assignee": "ann", "previous_assignee": null });
    let event = "conversation.assigned";
    let sequence = stack.happened(&tenant, event, CONVERSATION_ID, &detail);
    fan_out(&stack, &tenant);
    let body: Value = serde_json::from_str(&body(&stack, sequence)).unwrap();
    let data = &body["data"];
    assert_eq!(data["conversation"]["id"], CONVERSATION_ID);
    assert_eq!(data["customer"]["external_id"], "CRM-12345");
    assert_eq!(
        (&data["assignee"], &data["previous_assignee"]),
        (&json!("ann"), &Value::Null)
    );
    assert_eq!(
        (&data["customer_id"], &data["channel"]),
        (&json!(CUSTOMER_ID), &json!("whatsapp"))
    );
}

#[test]
fn attachments_carry_signed_links() {
    let (stack, tenant, _) = listening(&["message.received"]);
    let sequence = received(&stack, &tenant, "");
    stack.db.sql(
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           size, sha256, created_at)
         SELECT business_id, 'a2', id, 1, 'pending', 'b.pdf', 'application/pdf', NULL, NULL, 0
         FROM messages UNION ALL
         SELECT business_id, 'a1', id, 0, 'ready', 'receipt.pdf', 'application/pdf', 52468, 'ff', 0
         FROM messages",
    );
    fan_out(&stack, &tenant);
    let body: Value = serde_json::from_str(&body(&stack, sequence)).unwrap();
    let attachments = &body["data"]["attachments"];
    let first = &attachments[0];
    assert_eq!(
        (
            &first["id"],
            &first["filename"],
            &first["size"],
            &first["state"]
        ),
        (
            &json!("a1"),
            &json!("receipt.pdf"),
            &json!(52468),
            &json!("ready")
        )
    );
    let url = first["download_url"].as_str().unwrap();
    // 2026-01-09T03:04:05Z.
    let link = "https://tieline.example/api/download-media?id=a1&expires=1767927845&signature=";
    assert!(
        url.starts_with(link) && url.len() == link.len() + 64,
        "{url}"
    );
    assert_eq!(first["url"], first["download_url"]);
    assert_eq!(
        (&attachments[1]["id"], &attachments[1]["size"]),
        (&json!("a2"), &Value::Null)
    );
}

#[test]
fn a_long_message_is_cut_at_a_character_and_says_so() {
    let (stack, tenant, _) = listening(&["*"]);
    // Written with escapes, in two, three and four bytes, and as they are.
    for (unit, times) in [("\"é😀\n", 20_000), ("x", 90_000), ("\u{1}", 60_000)] {
        let content = unit.repeat(times);
        let sequence = received(&stack, &tenant, "");
        stack.db.sql(&format!(
            "UPDATE messages SET content = replace(printf('%.{times}c', 'x'), 'x', '{unit}')"
        ));
        fan_out(&stack, &tenant);
        let text = body(&stack, sequence);
        assert!(
            (95 * 1024..=96 * 1024).contains(&text.len()),
            "{}",
            text.len()
        );
        let body: Value = serde_json::from_str(&text).unwrap();
        let data = &body["data"];
        assert_eq!(data["content"], data["message"]["content"]);
        assert!(content.starts_with(data["content"].as_str().unwrap()));
        assert_eq!(data["content_truncated"], true);
        assert_eq!(data["message"]["content_truncated"], true);
    }
    let sequence = received(&stack, &tenant, &"x".repeat(40_000));
    fan_out(&stack, &tenant);
    assert!(!body(&stack, sequence).contains("truncated"));
}

#[test]
fn a_customer_too_long_for_a_body_is_cut_down_to_who_it_is() {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(&tenant, &json!({ "k": "v".repeat(16_000) }).to_string());
    let long = "\u{1}".repeat(10_000);
    stack.db.sql(&format!(
        "UPDATE customers SET notes = '{long}', address = '{long}'"
    ));
    stack.endpoint(&tenant, HOOK, &["*"]);
    let sequence = stack.happened(&tenant, "customer.created", CUSTOMER_ID, &Value::Null);
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    let text = body(&stack, sequence);
    assert!(text.len() < 96 * 1024);
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["data"]["customer"]["email"], "john@example.com");
    assert_eq!(body["data"]["customer"]["truncated"], true);
}
