mod comments;
mod content;
mod deployment;
mod forged;
mod messaging;
mod messenger;
mod replaced;
mod statuses;
mod trouble;

use common::db::Value;
use common::ports::Queue;
use common::signatures::hmac_sha256_hex;
use serde_json::{Value as Json, json};
use testkit::{APP_SECRET, Answer, Stack, Tenant, VERIFY_TOKEN};
use webhook_meta::handler::handle;

/// A business with the WhatsApp account `1001`.
fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    (stack, tenant)
}

fn signed(stack: &Stack, secret: &str, body: &str) -> Answer {
    let signature = hmac_sha256_hex(secret.as_bytes(), body.as_bytes());
    stack
        .call("webhook-meta", "POST", "/webhook-meta")
        .header("x-hub-signature-256", &format!("sha256={signature}"))
        .body(body)
        .send(handle)
}

fn send(stack: &Stack, body: &Json) -> Answer {
    signed(stack, APP_SECRET, &body.to_string())
}

/// A delivery for the account `1001`.
fn delivery(value: Json) -> Json {
    let mut value = value;
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({"display_phone_number": "353800000000", "phone_number_id": "1001"});
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "waba", "changes": [{"field": "messages", "value": value}]}
    ]})
}

fn text(id: &str, from: &str, body: &str) -> Json {
    json!({"id": id, "from": from, "timestamp": "1767323000", "type": "text", "text": {"body": body}})
}

fn from_joe(messages: &[Json]) -> Json {
    let contact = json!({"wa_id": "353871234567", "profile": {"name": "Joe Bloggs"}});
    delivery(json!({"contacts": [contact], "messages": messages}))
}

fn count(stack: &Stack, table: &str) -> i64 {
    let value = stack.db.value(&format!("SELECT count(*) FROM {table}"));
    value.as_integer().unwrap()
}

fn events(stack: &Stack) -> Vec<String> {
    let rows = stack.db.sql("SELECT event FROM outbox ORDER BY sequence");
    rows.into_iter()
        .flatten()
        .filter_map(Value::into_text)
        .collect()
}

#[test]
fn meta_handshake_answers_the_challenge_to_an_accounts_token() {
    let (stack, _) = stack();
    let token = VERIFY_TOKEN.replace(' ', "%20");
    let ask = |query: &str| {
        let path = format!("/webhook-meta?{query}");
        stack.call("webhook-meta", "GET", &path).send(handle)
    };
    let answer = ask(&format!(
        "hub.mode=subscribe&hub.challenge=1158&hub.verify_token={token}"
    ));
    assert_eq!((answer.status, answer.text().as_str()), (200, "1158"));
}

#[test]
fn meta_handshake_refuses_callers_with_another_token() {
    let (stack, _) = stack();
    let path = "/webhook-meta?hub.mode=subscribe&hub.challenge=1158&hub.verify_token=wrong";
    let answer = stack.call("webhook-meta", "GET", path).send(handle);
    assert_eq!(answer.refusal(), (403, "invalid_verify_token"));
}

#[test]
fn made_up_tokens_do_not_cost_a_read_each_and_hold_up_nobody_else() {
    let (stack, _) = stack();
    let ask = |ip: &str, token: &str| {
        let token = token.replace(' ', "%20");
        let query = format!("hub.mode=subscribe&hub.challenge=1158&hub.verify_token={token}");
        let path = format!("/webhook-meta?{query}");
        let call = stack.call("webhook-meta", "GET", &path);
        call.header("cf-connecting-ip", ip).send(handle).status
    };
    let before = stack.db.calls();
    for n in 0..200 {
        let status = ask("203.0.113.9", &format!("made up {n}"));
        assert!(matches!(status, 403 | 429), "{status}");
    }
    let calls = stack.db.calls() - before;
    assert!(calls <= 12, "{calls}");
    assert_eq!(ask("198.51.100.7", VERIFY_TOKEN), 200);
    // One that was refused a moment ago is not looked for again.
    let before = stack.db.calls();
    assert_eq!(ask("198.51.100.7", "made up 0"), 403);
    assert_eq!(stack.db.calls(), before);
}

#[test]
fn meta_handshake_refuses_invalid_input() {
    let (stack, _) = stack();
    let token = VERIFY_TOKEN.replace(' ', "%20");
    for query in [
        String::new(),
        format!("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={token}"),
        format!("hub.mode=subscribe&hub.verify_token={token}"),
    ] {
        let path = format!("/webhook-meta?{query}");
        let answer = stack.call("webhook-meta", "GET", &path).send(handle);
        assert_eq!(answer.refusal(), (403, "invalid_verify_token"), "{query}");
    }
}

#[test]
fn meta_receive_answers_and_makes_customer_conversation_message_and_events() {
    let (stack, tenant) = stack();
    let answer = send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    assert_eq!(
        (answer.status, answer.json["received"].as_i64()),
        (200, Some(1))
    );
    let row = "SELECT m.content || '|' || m.status || '|' || c.name || '|' || c.phone || '|'
        || c.whatsapp_number || '|' || v.status || '|' || v.message_count || '|' || m.sent_at
      FROM messages m JOIN customers c ON c.id = m.customer_id
      JOIN conversations v ON v.id = m.conversation_id AND v.last_message_at = m.created_at
        AND v.last_inbound_at = m.sent_at";
    let expected = "Hello|received|Joe Bloggs|+353871234567|+353871234567|open|1|1767323000000000";
    assert_eq!(stack.db.value(row), Value::from(expected));
    assert_eq!(
        events(&stack),
        [
            "customer.created",
            "conversation.created",
            "message.received"
        ]
    );
    assert_eq!(
        stack.ports.take_wakes(Queue::Events),
        [(tenant.business_id, 0)]
    );
    assert_eq!(count(&stack, "inbound_items"), 0);
}

#[test]
fn the_second_message_of_a_sender_wakes_nobody_where_nobody_listens() {
    let (stack, tenant) = stack();
    let receive = |id: &str| {
        stack.receive_whatsapp("1001", id, "353871234567", "Hello");
        stack.ports.take_wakes(Queue::Events).len()
    };
    let first = receive("wamid.1");
    assert_eq!((first, receive("wamid.2")), (1, 0));
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hooks", &["*"]);
    let _made = stack.ports.take_wakes(Queue::Events);
    assert_eq!(receive("wamid.3"), 1);
    assert_eq!(count(&stack, "messages"), 3);
}

#[test]
fn meta_receive_refuses_callers_whose_signature_is_missing_cut_or_of_another_secret() {
    let (stack, _) = stack();
    let body = from_joe(&[text("wamid.1", "353871234567", "Hello")]).to_string();
    let right = hmac_sha256_hex(APP_SECRET.as_bytes(), body.as_bytes());
    let wrong = hmac_sha256_hex(b"another secret", body.as_bytes());
    for header in [
        String::new(),
        "sha256=".into(),
        format!("sha256={}", &right[..62]),
        format!("sha256={right}00"),
        format!("sha1={right}"),
        right.clone(),
        format!("sha256={wrong}"),
    ] {
        let call = stack.call("webhook-meta", "POST", "/webhook-meta");
        let answer = call
            .header("x-hub-signature-256", &header)
            .body(&*body)
            .send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{header}");
    }
    let unsigned = stack
        .call("webhook-meta", "POST", "/webhook-meta")
        .body(&*body)
        .send(handle);
    assert_eq!(unsigned.refusal(), (401, "invalid_signature"));
    assert_eq!(count(&stack, "messages"), 0);
}

#[test]
fn meta_receive_refuses_invalid_input_after_its_signature() {
    let (stack, _) = stack();
    assert_eq!(
        signed(&stack, APP_SECRET, "{\"object\":").refusal(),
        (400, "malformed_json")
    );
    for odd in [
        "null",
        "[]",
        "{}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{},7]}",
    ] {
        assert_eq!(signed(&stack, APP_SECRET, odd).status, 200, "{odd}");
    }
}

#[test]
fn a_delivery_that_comes_again_changes_nothing() {
    let (stack, _) = stack();
    let body = from_joe(&[
        text("wamid.1", "353871234567", "Hello"),
        text("wamid.1", "353871234567", "Hello"),
        text("wamid.2", "353871234567", "again"),
    ]);
    assert_eq!(send(&stack, &body).status, 200);
    let before = events(&stack);
    assert_eq!(send(&stack, &body).status, 200);
    assert_eq!(
        (count(&stack, "messages"), count(&stack, "customers")),
        (2, 1)
    );
    assert_eq!(events(&stack), before);
}

#[test]
fn a_known_phone_number_is_its_customer_who_learns_name_and_number() {
    let (stack, tenant) = stack();
    let business = &tenant.business_id;
    stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, phone, revision, created_at, updated_at)
         VALUES ('{business}', 'joe', '+353871234567', 1, 0, 0)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO identities VALUES ('{business}', 'phone', '+353871234567', '', 'joe')"
    ));
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    send(
        &stack,
        &from_joe(&[text("wamid.2", "353871234567", "Hello")]),
    );
    let row = "SELECT id || name || whatsapp_number || revision FROM customers";
    assert_eq!(
        stack.db.value(row),
        Value::from("joeJoe Bloggs+3538712345672")
    );
    assert_eq!(
        count(
            &stack,
            "identities WHERE kind = 'whatsapp' AND customer_id = 'joe'"
        ),
        1
    );
    let names: Vec<_> = events(&stack)
        .into_iter()
        .filter(|e| e.starts_with("customer"))
        .collect();
    assert_eq!(names, ["customer.updated"]);
}

#[test]
fn a_thousand_updates_are_one_call_of_the_database() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    let before = stack.db.calls();
    let many: Vec<_> = (1..=1000)
        .map(|n| {
            text(
                &format!("wamid.{n}"),
                &format!("35387{:07}", n % 300),
                "Hello",
            )
        })
        .collect();
    let answer = send(&stack, &delivery(json!({"messages": many})));
    assert_eq!(
        (answer.status, answer.json["received"].as_i64()),
        (200, Some(1000))
    );
    assert_eq!(stack.db.calls() - before, 1);
    assert_eq!(count(&stack, "messages"), 1001);
    assert_eq!(count(&stack, "conversations"), 301);
    let order = "SELECT group_concat(provider_id, ' ') FROM (
      SELECT provider_id FROM messages ORDER BY created_at)";
    let sent: Vec<_> = (0..=1000).map(|n| format!("wamid.{n}")).collect();
    assert_eq!(stack.db.value(order), Value::from(sent.join(" ")));
}

#[test]
fn the_short_way_of_a_known_sender_leaves_what_the_long_way_does() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    let mut answer = text("wamid.2", "353871234567", "again");
    answer["context"] = json!({"id": "wamid.1"});
    answer["timestamp"] = "1767323001".into();
    let before = stack.db.calls();
    send(&stack, &from_joe(&[answer]));
    assert_eq!(stack.db.calls() - before, 1);
    let row = "SELECT m.content || '|' || m.status || '|' || r.content || '|' || v.message_count
        || '|' || (v.last_message_at - r.created_at) || '|' || v.last_inbound_at
      FROM messages m JOIN conversations v ON v.id = m.conversation_id
        AND v.last_message_at = m.created_at AND v.customer_id = m.customer_id
      JOIN messages r ON r.id = m.reply_to WHERE m.provider_id = 'wamid.2'";
    let expected = "again|received|Hello|2|1|1767323001000000";
    assert_eq!(stack.db.value(row), Value::from(expected));
    assert_eq!(events(&stack)[3..], ["message.received"]);
    // The guess is wrong: the number is another customer's by now.
    stack.db.sql("UPDATE customers SET id = 'else'");
    stack.db.sql("UPDATE identities SET customer_id = 'else'");
    send(
        &stack,
        &from_joe(&[text("wamid.3", "353871234567", "Hello")]),
    );
    let owner = "SELECT customer_id FROM messages WHERE provider_id = 'wamid.3'";
    assert_eq!(stack.db.value(owner), Value::from("else"));
    assert_eq!(count(&stack, "conversations"), 2);
}
