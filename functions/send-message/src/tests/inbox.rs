//! The same by an agent at the embedded inbox.

use super::{CONVERSATION, Desk, handle};
use serde_json::{Value, json};
use testkit::Answer;

fn send(desk: &Desk, token: &str, key: Option<&str>, body: &Value) -> Answer {
    let call = desk
        .stack
        .call("send-message", "POST", "/embed/api/messages");
    let call = call.bearer(token).json(body);
    match key {
        Some(key) => call.header("idempotency-key", key).send(handle),
        None => call.send(handle),
    }
}

fn body() -> Value {
    json!({"conversation_id": CONVERSATION, "channel": "whatsapp", "content": "Hi!"})
}

fn token(desk: &Desk) -> String {
    desk.stack
        .inbox_token(&desk.tenant, None, Some(("7", "Ann \"A\"")))
        .token
}

#[test]
fn inbox_send_answers_the_message_which_carries_its_author() {
    let desk = Desk::new();
    let answer = send(&desk, &token(&desk), None, &body());
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["message"]["status"], "sent");
    assert_eq!(desk.sent().len(), 1);
    let detail = desk.text_in("SELECT detail FROM messages");
    let detail: Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(detail, json!({"author": {"id": "7", "name": "Ann \"A\""}}));
}

#[test]
fn an_author_stands_beside_what_a_message_has_else() {
    let desk = Desk::new();
    let template = json!({"conversation_id": CONVERSATION, "channel": "whatsapp",
        "template": {"name": "hello", "language": "en"}});
    assert_eq!(send(&desk, &token(&desk), None, &template).status, 200);
    let detail: Value = serde_json::from_str(&desk.text_in("SELECT detail FROM messages")).unwrap();
    assert_eq!(detail["author"]["id"], "7");
    assert_eq!(detail["template"]["name"], "hello");
    let nobody = desk.stack.inbox_token(&desk.tenant, None, None).token;
    assert_eq!(send(&desk, &nobody, None, &body()).status, 200);
    let last = "SELECT coalesce(detail, 'none') FROM messages ORDER BY created_at DESC LIMIT 1";
    assert_eq!(desk.text_in(last), "none");
}

#[test]
fn inbox_send_refuses_callers_without_a_token() {
    let desk = Desk::new();
    let call = || {
        desk.stack
            .call("send-message", "POST", "/embed/api/messages")
            .json(&body())
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&desk.tenant.api_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("a.b.c").send(handle).refusal(),
        (401, "invalid_token")
    );
    let by_token = desk.stack.call("send-message", "POST", "/api-send-message");
    let answer = by_token.bearer(&token(&desk)).json(&body()).send(handle);
    assert_eq!(answer.refusal(), (401, "missing_api_key"));
    assert!(desk.sent().is_empty());
}

#[test]
fn inbox_send_refuses_invalid_input() {
    let desk = Desk::new();
    for (field, value) in [
        ("channel", json!("fax")),
        ("content", json!("")),
        ("colour", json!("red")),
        ("subject", json!("x")),
    ] {
        let mut body = body();
        body[field] = value;
        let answer = send(&desk, &token(&desk), None, &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    assert!(desk.sent().is_empty());
}

#[test]
fn a_repeated_send_is_sent_once() {
    let desk = Desk::new();
    let token = token(&desk);
    let first = send(&desk, &token, Some("k1"), &body());
    let second = send(&desk, &token, Some("k1"), &body());
    assert_eq!(first.json, second.json);
    assert_eq!(desk.sent().len(), 1);
}

/// A second customer, in a conversation of their own; gives customer and conversation.
fn another(desk: &Desk) -> (String, String) {
    let customer = "019a0000-0000-7000-8000-0000000000e1";
    let conversation = "019a0000-0000-7000-8000-0000000000e2";
    let (business, now) = (&desk.tenant.business_id, desk.stack.now().micros());
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, name, phone, revision, created_at, updated_at)
         VALUES ('{business}', '{customer}', 'Brigid', '+353877654321', 1, 0, 0)"
    ));
    desk.stack.db.sql(&format!(
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
           last_message_at, last_inbound_at, created_at, updated_at)
         VALUES ('{business}', '{conversation}', '{customer}', '{}', 'whatsapp', {now}, {now},
           {now}, {now})",
        desk.channel_id
    ));
    (customer.to_owned(), conversation.to_owned())
}

#[test]
fn a_token_for_one_customer_reaches_no_other() {
    let desk = Desk::new();
    let (customer, conversation) = another(&desk);
    let bound = desk
        .stack
        .inbox_token(&desk.tenant, Some(&customer), None)
        .token;
    let own = json!({"conversation_id": conversation, "channel": "whatsapp", "content": "x"});
    for (field, value) in [
        ("conversation_id", json!(CONVERSATION)),
        ("customer_id", json!(desk.customer_id)),
        ("external_id", json!("CRM-12345")),
        ("email", json!("aoife@b.ie")),
    ] {
        let mut body = own.clone();
        body[field] = value;
        let answer = send(&desk, &bound, None, &body);
        assert_eq!(answer.refusal(), (404, "not_found"), "{body}");
    }
    let mixed = json!({"conversation_id": CONVERSATION, "customer_id": customer,
        "channel": "whatsapp", "content": "x"});
    assert_eq!(
        send(&desk, &bound, None, &mixed).refusal(),
        (404, "not_found")
    );
    assert!(desk.sent().is_empty());
    assert_eq!(send(&desk, &bound, None, &own).status, 200);
    assert_eq!(desk.sent().len(), 1);
}

#[test]
fn a_token_for_one_customer_gets_at_no_others_files_and_messages() {
    let desk = Desk::new();
    let (customer, conversation) = another(&desk);
    let file = desk.attachment(1, "image/png", 10);
    let mut theirs = body();
    theirs["attachments"] = json!([file]);
    let sent = send(&desk, &token(&desk), Some("k1"), &theirs);
    assert_eq!(sent.status, 200, "{}", sent.text());
    desk.sent();
    let bound = desk
        .stack
        .inbox_token(&desk.tenant, Some(&customer), None)
        .token;
    let own = |field: &str, value: Value| {
        let mut body = json!({"conversation_id": conversation, "channel": "whatsapp",
            "content": "x"});
        body[field] = value;
        send(&desk, &bound, None, &body)
    };
    let not_found = (404, "not_found");
    assert_eq!(own("attachments", json!([file])).refusal(), not_found);
    let message = sent.json["message"]["id"].clone();
    assert_eq!(own("reply_to", message).refusal(), not_found);
    assert!(desk.sent().is_empty());
    let fresh = desk.attachment(2, "image/png", 10);
    assert_eq!(own("attachments", json!([fresh])).status, 200);
    // Its own file again is a copy.
    assert_eq!(own("attachments", json!([fresh])).status, 200);
}

#[test]
fn another_businesss_conversation_is_not_there() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Another business");
    let foreign = desk.stack.inbox_token(&other, None, None).token;
    assert_eq!(
        send(&desk, &foreign, None, &body()).refusal(),
        (404, "not_found")
    );
}
