use super::*;

fn edit(mid: &str, text: &str, number: i64) -> Json {
    joe(
        9,
        &json!({"message_edit": {"mid": mid, "text": text, "num_edit": number}}),
    )
}

fn deletion(mid: &str) -> Json {
    ig_joe(9, &json!({"message": {"mid": mid, "is_deleted": true}}))
}

fn updates(inbox: &Inbox) -> usize {
    let events = inbox.events();
    events.iter().filter(|e| *e == "message.updated").count()
}

#[test]
fn an_edit_replaces_what_was_said_once_and_the_highest_counts() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.page(&[edit("m_hello", "Hello!", 1)]);
    inbox.page(&[
        edit("m_hello", "Hello!!!", 3),
        edit("m_hello", "Hello!!", 2),
    ]);
    inbox.page(&[edit("m_hello", "Hello!!", 2), edit("m_hello", "Hello!", 1)]);
    assert_eq!(inbox.messages(), ["inbound text Hello!!! received"]);
    assert_eq!(inbox.detail(), json!({"edited": 3}));
    assert_eq!(updates(&inbox), 2);
}

#[test]
fn an_edit_keeps_what_else_is_known() {
    let inbox = Inbox::new();
    let tap = json!({"message": {"mid": "m_1", "text": "a", "quick_reply": {"payload": "A"}}});
    inbox.page(&[joe(1, &tap), edit("m_1", "b", 1)]);
    let expected = json!({"quick_reply": {"payload": "A"}, "edited": 1});
    assert_eq!(inbox.detail(), expected);
}

#[test]
fn an_edit_that_comes_before_its_message_counts() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.page(&[edit("m_2", "second", 2)]);
    inbox.page(&[edit("m_2", "first", 1)]);
    inbox.page(&[joe(5, &text_event("m_2", "as it was"))]);
    assert_eq!(inbox.messages()[1..], ["inbound text second received"]);
    assert_eq!(inbox.detail(), json!({"edited": 2}));
    inbox.page(&[edit("m_2", "third", 3)]);
    assert_eq!(inbox.messages()[1..], ["inbound text third received"]);
}

fn image(mid: &str) -> Json {
    let attachment = json!({"type": "image", "payload": {"url": "https://a.example/b"}});
    ig_joe(
        5,
        &json!({"message": {"mid": mid, "text": "Look", "attachments": [attachment]}}),
    )
}

#[test]
fn what_is_deleted_is_blank_with_its_files() {
    let inbox = Inbox::new();
    inbox.instagram(&[image("m_1")]);
    let id = inbox.text("SELECT id FROM attachments");
    let key = format!("{}/{id}", inbox.tenant.business_id);
    let blobs = &inbox.stack.ports.blobs;
    blobs.borrow_mut().insert(key, b"bytes".to_vec());
    inbox
        .stack
        .db
        .sql("UPDATE outbox SET body = 'Look' WHERE event = 'message.received'");
    inbox.instagram(&[deletion("m_1")]);
    inbox.instagram(&[deletion("m_1"), deletion("m_1")]);
    assert_eq!(inbox.messages(), ["inbound image  received"]);
    assert_eq!(inbox.detail(), json!({"deleted": true}));
    assert_eq!(inbox.count("attachments"), 0);
    assert!(blobs.borrow().is_empty());
    assert_eq!(updates(&inbox), 1);
    let bodies = "SELECT group_concat(body, '|') FROM outbox WHERE body IS NOT NULL";
    assert_eq!(inbox.text(bodies), "");
    // No edit brings it back.
    let late = ig_joe(
        9,
        &json!({"message_edit": {"mid": "m_1", "text": "Look!", "num_edit": 9}}),
    );
    inbox.instagram(&[late]);
    assert_eq!(inbox.messages(), ["inbound image  received"]);
}

#[test]
fn the_update_of_a_deleted_message_has_a_body_still_to_be_built() {
    let inbox = Inbox::new();
    inbox.instagram(&[image("m_1"), deletion("m_1")]);
    assert_eq!(inbox.messages(), ["inbound image  received"]);
    inbox
        .stack
        .db
        .sql("UPDATE outbox SET body = 'built' WHERE event = 'message.updated'");
    inbox.instagram(&[deletion("m_1")]);
    let body = "SELECT body FROM outbox WHERE event = 'message.updated'";
    assert_eq!(inbox.text(body), "built");
}

#[test]
fn a_deletion_that_comes_before_its_message_counts() {
    let inbox = Inbox::new();
    ig_hello(&inbox);
    inbox.instagram(&[deletion("m_1")]);
    let late = ig_joe(
        9,
        &json!({"message_edit": {"mid": "m_1", "text": "Look!", "num_edit": 9}}),
    );
    inbox.instagram(&[late]);
    inbox.instagram(&[image("m_1")]);
    inbox.instagram(&[image("m_1")]);
    assert_eq!(inbox.messages()[1..], ["inbound image  received"]);
    assert_eq!(inbox.detail(), json!({"deleted": true}));
    assert_eq!(inbox.count("attachments"), 0);
    assert_eq!(inbox.count("messages WHERE content LIKE '%Look%'"), 0);
    assert_eq!(inbox.count("message_revisions WHERE content <> ''"), 0);
}

#[test]
fn what_the_business_took_back_is_blank_too() {
    let inbox = Inbox::new();
    ig_hello(&inbox);
    inbox.send("instagram", "A mistake", "m_1");
    let back = json!({"message": {"mid": "m_1", "is_deleted": true, "is_echo": true}});
    inbox.instagram(&[by(IG, JOE, 9, &back)]);
    assert_eq!(inbox.messages()[1..], ["outbound text  sent"]);
}

#[test]
fn an_edit_brings_nothing_back_of_who_was_erased() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.stack.db.sql("UPDATE customers SET erased_at = 1");
    inbox
        .stack
        .db
        .sql("UPDATE messages SET content = '', detail = NULL");
    inbox.page(&[edit("m_hello", "Hello!", 1)]);
    assert_eq!(inbox.messages(), ["inbound text  received"]);
    assert_eq!(updates(&inbox), 0);
}

#[test]
fn revisions_whose_messages_never_come_are_forgotten_after_a_day() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.page(&[edit("m_2", "never", 1)]);
    inbox.stack.advance(25 * 3600 * 1000 * 1000);
    inbox.page(&[joe(9, &json!({"read": {"watermark": 1}}))]);
    assert_eq!(inbox.count("message_revisions"), 0);
}

#[test]
fn what_is_deleted_leaves_no_part_of_a_large_file() {
    for size in ["4194305", "NULL"] {
        let inbox = Inbox::new();
        inbox.instagram(&[image("m_1")]);
        let id = inbox.text("SELECT id FROM attachments");
        let sql = format!("UPDATE attachments SET size = {size}");
        inbox.stack.db.sql(&sql);
        for end in ["", ".0", ".1"] {
            let key = format!("{}/{id}{end}", inbox.tenant.business_id);
            let mut blobs = inbox.stack.ports.blobs.borrow_mut();
            blobs.insert(key, b"bytes".to_vec());
        }
        inbox.instagram(&[deletion("m_1")]);
        assert!(inbox.stack.ports.blobs.borrow().is_empty(), "{size}");
    }
}
