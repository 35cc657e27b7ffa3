use super::{Desk, nothing};
use common::time::SECOND;
use serde_json::json;

fn changed(desk: &Desk) -> i64 {
    let sql = "SELECT count(*) FROM outbox WHERE event = 'inbox.changed'";
    desk.stack.db.value(sql).as_integer().unwrap()
}

#[test]
fn inbox_read_answers_what_came_since() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    let first = desk.newest_message(&id);
    desk.receive("353871234567", "Two");
    let second = desk.newest_message(&id);
    let read = |message: &str| {
        let body = json!({"conversation_id": id, "message_id": message});
        let answer = desk.post("read", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json["unread_count"].as_i64().unwrap()
    };
    assert_eq!((read(&first), changed(&desk)), (1, 1));
    assert_eq!((read(&second), changed(&desk)), (0, 2));
    // Reading again, or what is older, makes nothing unread.
    assert_eq!((read(&first), read(&second), changed(&desk)), (0, 0, 2));
    assert_eq!(desk.get("conversations").json["counts"]["unread"], 0);
    desk.receive("353871234567", "Three");
    let row = &desk.get("conversations").json["conversations"][0];
    assert_eq!(row["unread_count"], 1);
}

#[test]
fn inbox_read_refuses_invalid_input() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    for body in [
        nothing(),
        json!({"conversation_id": id}),
        json!({"conversation_id": id, "message_id": 1}),
        json!({"conversation_id": id, "message_id": "x", "all": true}),
        json!([]),
    ] {
        let answer = desk.post("read", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    for (conversation, message) in [(id.as_str(), "x"), ("x", id.as_str()), (&id, &id)] {
        let body = json!({"conversation_id": conversation, "message_id": message});
        assert_eq!(
            desk.post("read", &body).refusal(),
            (404, "not_found"),
            "{body}"
        );
    }
    assert_eq!(changed(&desk), 0);
}

#[test]
fn inbox_note_answers_the_note_with_its_author() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    desk.stack.advance(SECOND);
    let content = "Wants <b>a \"refund\"\n\u{1f} & more";
    let answer = desk.post("notes", &json!({"conversation_id": id, "content": content}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let note = &answer.json["note"];
    assert_eq!(
        (&note["author"], &note["content"]),
        (&json!("Ann"), &json!(content))
    );
    let thread = desk.get(&format!("conversation?id={id}"));
    assert_eq!(thread.json["notes"], json!([note]));
    assert_eq!(changed(&desk), 1);
    let author = desk.text("SELECT author_id FROM conversation_notes");
    assert_eq!(author, "7");
}

#[test]
fn a_note_reaches_no_customer_and_no_endpoint() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    desk.stack.fan_out(&desk.tenant);
    desk.stack
        .endpoint(&desk.tenant, "https://crm.example/hook", &["*"]);
    desk.post(
        "notes",
        &json!({"conversation_id": id, "content": "A secret"}),
    );
    let log = desk.stack.fan_out(&desk.tenant);
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    let visible = desk
        .stack
        .db
        .value("SELECT count(*) FROM deliveries")
        .as_integer();
    let handed = desk
        .stack
        .db
        .value("SELECT fanned_out = (SELECT max(sequence) FROM outbox) FROM businesses");
    assert_eq!((visible, handed.as_integer()), (Some(0), Some(1)));
    assert!(desk.stack.ports.take_requests().is_empty());
}

#[test]
fn a_repeated_note_is_one_note() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    let once = || {
        let call = desk.stack.call("embed-api", "POST", "/embed/api/notes");
        let body = json!({"conversation_id": id, "content": "x"});
        let call = call.bearer(&desk.token).json(&body);
        call.header("idempotency-key", "k").send(super::handle)
    };
    assert_eq!(once().json, once().json);
    let count = desk
        .stack
        .db
        .value("SELECT count(*) FROM conversation_notes");
    assert_eq!(count.as_integer(), Some(1));
}

#[test]
fn inbox_note_refuses_invalid_input() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    for body in [
        nothing(),
        json!({"conversation_id": id, "content": " \n"}),
        json!({"conversation_id": id, "content": "x".repeat(10_001)}),
        json!({"conversation_id": id, "content": null}),
        json!({"conversation_id": id, "content": "x", "author": "Bob"}),
    ] {
        let answer = desk.post("notes", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
}
