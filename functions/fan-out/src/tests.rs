use crate::handler::{each_minute, handle};
use common::db::DbError;
use common::outside::Queue;
use serde_json::{Value, json};
use testkit::{CONVERSATION_ID, CUSTOMER_ID, Failure, Stack, Tenant};

const HOOK: &str = "https://crm.example/hook";
const SECOND: i64 = 1_000_000;

/// A business with a conversation, and an endpoint that wants these events.
fn listening(events: &[&str]) -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let (endpoint, _) = stack.endpoint(&tenant, HOOK, events);
    (stack, tenant, endpoint)
}

fn received(stack: &Stack, tenant: &Tenant, content: &str) -> i64 {
    let id = stack.message(tenant, content);
    stack.happened(tenant, "message.received", &id, &Value::Null)
}

fn count(stack: &Stack, of: &str) -> i64 {
    let count = stack.db.value(&format!("SELECT count(*) FROM {of}"));
    count.as_integer().unwrap()
}

fn body(stack: &Stack, sequence: i64) -> String {
    let body = format!("SELECT body FROM outbox WHERE sequence = {sequence}");
    stack.db.value(&body).into_text().unwrap()
}

fn fan_out(stack: &Stack, tenant: &Tenant) -> Value {
    stack.job(&tenant.business_id, handle)
}

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
                    "created_at": "2026-01-02T03:04:05.000000Z",
                    "updated_at": "2026-01-02T03:04:05.000000Z",
                },
                "attachments": [],
            },
        })
    );
    let message = json!({ "business_id": tenant.business_id, "endpoint_id": endpoint });
    assert_eq!(
        stack.outside.take_wakes(Queue::Deliveries),
        [(message.to_string(), 0)]
    );
    assert_eq!(count(&stack, "deliveries"), 1);
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
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           size, sha256, created_at)
         SELECT business_id, 'a2', id, 1, 'pending', 'b.pdf', 'application/pdf', NULL, NULL, 0
         FROM messages UNION ALL
         SELECT business_id, 'a1', id, 0, 'ready', 'receipt.pdf', 'application/pdf', 52468, 'ff', 0
         FROM messages"
    ));
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
    // Each takes two bytes of JSON or more, and none may be cut in two.
    let contents = [
        "\"é😀\n".repeat(20_000),
        "x".repeat(90_000),
        "\u{1}".repeat(60_000),
    ];
    for content in &contents {
        let sequence = received(&stack, &tenant, content);
        fan_out(&stack, &tenant);
        let text = body(&stack, sequence);
        assert!((90_000..=96 * 1024).contains(&text.len()), "{}", text.len());
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

#[test]
fn what_happened_before_an_endpoint_was_made_is_not_for_it() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    received(&stack, &tenant, "early");
    stack.advance(SECOND);
    stack.endpoint(&tenant, HOOK, &["*"]);
    received(&stack, &tenant, "late");
    fan_out(&stack, &tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT group_concat(sequence) FROM deliveries"),
        "2".into()
    );
}

#[test]
fn a_business_that_nobody_listens_to_costs_two_calls_and_catches_up_at_once() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    for n in 0..250 {
        received(&stack, &tenant, &format!("{n}"));
    }
    let before = stack.db.calls();
    fan_out(&stack, &tenant);
    assert_eq!(stack.db.calls() - before, 2);
    let fanned_out = stack.db.value("SELECT fanned_out FROM businesses");
    assert_eq!(fanned_out.as_integer(), Some(250));
    assert_eq!(count(&stack, "outbox WHERE body IS NOT NULL"), 0);
    fan_out(&stack, &tenant);
    assert_eq!(stack.db.calls() - before, 3);
}

#[test]
fn many_events_are_handed_out_in_pages_that_leave_others_their_turn() {
    let (stack, tenant, _) = listening(&["message.received"]);
    for n in 0..530 {
        received(&stack, &tenant, &format!("{n}"));
    }
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 500);
    let again = stack.outside.take_wakes(Queue::Events);
    assert_eq!(again, [(tenant.business_id.clone(), 0)]);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 530);
    assert_eq!(count(&stack, "(SELECT DISTINCT id FROM deliveries)"), 530);
    assert!(stack.outside.take_wakes(Queue::Events).is_empty());
}

#[test]
fn a_lost_answer_of_the_database_hands_nothing_out_twice() {
    let outage = || DbError::Outage("Network connection lost.".into());
    // The read, then the write; before they happen, and after.
    for (ok_calls, failure) in [
        (0, Failure::Before(outage())),
        (0, Failure::After(outage())),
        (1, Failure::Before(outage())),
        (1, Failure::After(outage())),
    ] {
        let (stack, tenant, _) = listening(&["message.received"]);
        received(&stack, &tenant, "once");
        if ok_calls == 1 {
            let failure = failure.clone();
            let db = stack.db.clone();
            // The first batch is the read; its interloper fails the one after it.
            stack.db.before_next_batch(move || {
                let then = db.clone();
                db.before_next_batch(move || then.fail(failure));
            });
        } else {
            stack.db.fail(failure.clone());
        }
        let log = fan_out(&stack, &tenant);
        assert_eq!(log["code"], "unavailable", "{log}");
        let first = body_of(&stack);
        stack.advance(60 * SECOND);
        stack.job("", each_minute);
        for (business, _) in stack.outside.take_wakes(Queue::Events) {
            stack.job(&business, handle);
        }
        assert_eq!(count(&stack, "deliveries"), 1, "{failure:?}");
        assert_eq!(count(&stack, "outbox WHERE body IS NOT NULL"), 1);
        if let Some(first) = first {
            assert_eq!(body_of(&stack), Some(first), "a body is built once");
        }
        stack.job("", each_minute);
        assert_eq!(
            stack.outside.take_wakes(Queue::Deliveries).len(),
            1,
            "{failure:?}"
        );
    }
}

fn body_of(stack: &Stack) -> Option<String> {
    stack.db.value("SELECT body FROM outbox").into_text()
}

#[test]
fn two_jobs_at_once_come_to_the_same() {
    let (stack, tenant, _) = listening(&["message.received"]);
    for n in 0..3 {
        received(&stack, &tenant, &format!("{n}"));
    }
    // The other comes between this one's reading and its writing.
    let (other, theirs) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        let (second, theirs) = (other.clone(), theirs);
        other.db.before_next_batch(move || {
            fan_out(&second, &theirs);
        });
    });
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    assert_eq!(count(&stack, "deliveries"), 3);
}

/// Holds an event back until so many seconds from now.
fn hold(stack: &Stack, sequence: i64, seconds: i64) {
    stack.db.sql(&format!(
        "INSERT OR REPLACE INTO held_events (business_id, sequence, message_id, due_at)
         SELECT business_id, {sequence}, subject_id, {} FROM outbox WHERE sequence = {sequence}",
        stack.now().micros() + seconds * SECOND
    ));
}

#[test]
fn a_held_event_waits_for_its_attachments_and_no_event_waits_for_it() {
    let (stack, tenant, _) = listening(&["message.received"]);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 5);
    received(&stack, &tenant, "text");
    fan_out(&stack, &tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT group_concat(sequence) FROM deliveries"),
        "2".into()
    );
    // It asks to be woken when the hold ends.
    let woken = stack.outside.take_wakes(Queue::Events);
    assert_eq!(woken, [(tenant.business_id.clone(), 6)]);
    stack.advance(4 * SECOND);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 1);
    stack.advance(2 * SECOND);
    fan_out(&stack, &tenant);
    assert_eq!(
        (count(&stack, "deliveries"), count(&stack, "held_events")),
        (2, 0)
    );
}

#[test]
fn bytes_that_come_while_a_held_event_is_handed_out_are_in_it() {
    let (stack, tenant, _) = listening(&["message.received"]);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 0);
    stack.advance(SECOND);
    let other = stack.clone();
    stack.db.before_next_batch(move || {
        let between = other.clone();
        other.db.before_next_batch(move || {
            // As the fetcher does: the bytes are there, and whoever holds the event may go on.
            between.db.sql(
                "INSERT INTO attachments (business_id, id, message_id, state, filename, type,
                   created_at)
                 SELECT business_id, 'a1', id, 'ready', 'p.jpg', 'image/jpeg', 0 FROM messages",
            );
            hold(&between, held, 0);
        });
    });
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    assert!(body(&stack, held).contains("p.jpg"));
    assert_eq!(count(&stack, "held_events"), 0);
}

#[test]
fn held_events_that_nobody_wants_are_let_go() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 5);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "held_events"), 0);
}

#[test]
fn an_event_whose_body_cannot_be_built_holds_nothing_up_and_is_logged() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack.happened(&tenant, "message.received", "nobody", &Value::Null);
    received(&stack, &tenant, "fine");
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["code"], "internal");
    assert!(
        log["cause"]
            .as_str()
            .unwrap()
            .contains("the subject of event 1 is gone"),
        "{log}"
    );
    let rows = stack
        .db
        .sql("SELECT status, reason FROM deliveries ORDER BY sequence");
    assert_eq!(
        rows,
        [
            vec!["failed".into(), "unbuildable".into()],
            vec!["pending".into(), common::db::Value::Null],
        ]
    );
    assert_eq!(
        fan_out(&stack, &tenant)["level"],
        "info",
        "it is logged once"
    );
}

#[test]
fn a_disabled_endpoint_is_not_woken_and_what_it_missed_is_kept() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack
        .db
        .sql("UPDATE webhook_endpoints SET status = 'disabled'");
    received(&stack, &tenant, "missed");
    fan_out(&stack, &tenant);
    assert!(stack.outside.take_wakes(Queue::Deliveries).is_empty());
    let row = stack
        .db
        .sql("SELECT status, reason, due_at FROM deliveries");
    let missed = vec![
        "failed".into(),
        "endpoint_disabled".into(),
        common::db::Value::Null,
    ];
    assert_eq!(row, [missed]);
}

#[test]
fn no_business_hears_of_anothers_events() {
    let (stack, tenant, _) = listening(&["*"]);
    let other = stack.tenant("Other");
    stack.endpoint(&other, HOOK, &["*"]);
    received(&stack, &tenant, "mine");
    fan_out(&stack, &other);
    fan_out(&stack, &tenant);
    let owners = stack.db.sql("SELECT business_id FROM deliveries");
    assert_eq!(owners, [vec![tenant.business_id.as_str().into()]]);
}

#[test]
fn a_message_that_names_no_business_harms_nobody() {
    let stack = Stack::new();
    assert_eq!(stack.job("nobody", handle)["level"], "info");
}

#[test]
fn the_cron_wakes_all_that_is_due_and_nothing_else() {
    let (stack, tenant, endpoint) = listening(&["message.received"]);
    stack.tenant("Quiet");
    stack.job("", each_minute);
    for queue in [Queue::Events, Queue::Deliveries, Queue::Media, Queue::Sends] {
        assert!(stack.outside.take_wakes(queue).is_empty());
    }
    let sequence = received(&stack, &tenant, "x");
    stack.job("", each_minute);
    let business = || (tenant.business_id.clone(), 0);
    assert_eq!(stack.outside.take_wakes(Queue::Events), [business()]);
    fan_out(&stack, &tenant);
    stack.outside.take_wakes(Queue::Deliveries);
    hold(&stack, sequence, 1);
    let id = &tenant.business_id;
    let soon = stack.now().micros() + SECOND;
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, due_at,
           created_at) VALUES ('{id}', 'a', 'm', 'pending', 'f', 't', {soon}, 0)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{id}', 'm', 'queued', '{{}}', {soon}, 0)"
    ));
    stack
        .db
        .sql(&format!("UPDATE deliveries SET due_at = {soon}"));
    stack.job("", each_minute);
    for queue in [Queue::Events, Queue::Deliveries, Queue::Media, Queue::Sends] {
        assert!(
            stack.outside.take_wakes(queue).is_empty(),
            "{queue:?} too early"
        );
    }
    stack.advance(SECOND);
    stack.job("", each_minute);
    let woken = |queue| stack.outside.take_wakes(queue);
    let message = json!({ "business_id": id, "message_id": "m" }).to_string();
    let delivery = json!({ "business_id": id, "endpoint_id": endpoint }).to_string();
    assert_eq!(woken(Queue::Events), [business()]);
    assert_eq!(woken(Queue::Deliveries), [(delivery, 0)]);
    assert_eq!(woken(Queue::Media), [(message.clone(), 0)]);
    assert_eq!(woken(Queue::Sends), [(message, 0)]);
}

#[test]
fn the_cron_finds_the_last_of_many_businesses() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack.db.sql(
        "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
         INSERT INTO businesses (id, name, default_region, created_at)
         SELECT printf('00000000-%04d', n), 'Quiet', 'IE', 0 FROM n",
    );
    received(&stack, &tenant, "x");
    let before = stack.db.calls();
    stack.job("", each_minute);
    assert_eq!(
        stack.outside.take_wakes(Queue::Events),
        [(tenant.business_id, 0)]
    );
    assert_eq!(stack.db.calls() - before, 3);
}
