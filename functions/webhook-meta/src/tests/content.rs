use super::{delivery, from_joe, send, stack, text};
use common::db::Value;
use common::ports::Queue;
use serde_json::{Value as Json, json};
use testkit::Stack;

/// Runs on a thread of its own, as a new isolate that remembers no account.
fn isolated<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::spawn(work).join().unwrap()
}

/// What is stored of a message of this type with this body.
fn stored(kind: &'static str, body: Json) -> (String, String, Json) {
    isolated(move || stored_now(kind, body))
}

fn stored_now(kind: &str, body: Json) -> (String, String, Json) {
    let (stack, _) = stack();
    let mut message = text("wamid.1", "353871234567", "");
    message["type"] = kind.into();
    message[kind] = body;
    assert_eq!(send(&stack, &from_joe(&[message])).status, 200);
    let row = stack
        .db
        .sql("SELECT type, content, detail FROM messages")
        .remove(0);
    let texts: Vec<_> = row
        .iter()
        .map(|v| v.as_text().unwrap_or("null").to_owned())
        .collect();
    let detail = serde_json::from_str(&texts[2]).unwrap();
    (texts[0].clone(), texts[1].clone(), detail)
}

#[test]
fn each_type_is_kept_with_what_it_says() {
    let (kind, content, detail) = stored(
        "location",
        json!({"latitude": 53.35, "longitude": -6.26, "name": "GPO", "address": "O'Connell St"}),
    );
    assert_eq!(
        (kind.as_str(), content.as_str()),
        ("location", "GPO, O'Connell St")
    );
    assert_eq!(detail["location"]["latitude"], 53.35);

    let (kind, content, _) = stored(
        "contacts",
        Json::from(vec![json!({"name": {"formatted_name": "Ann Other"}})]),
    );
    assert_eq!((kind.as_str(), content.as_str()), ("contacts", "Ann Other"));

    let button = json!({"text": "Yes", "payload": "yes-1"});
    let (kind, content, detail) = stored("button", button.clone());
    assert_eq!((kind.as_str(), content.as_str()), ("button", "Yes"));
    assert_eq!(detail["button"], button);

    for (reply, id) in [("button_reply", "b1"), ("list_reply", "l1")] {
        let body = json!({"type": reply, reply: {"id": id, "title": "The first"}});
        let (kind, content, detail) = stored("interactive", body);
        assert_eq!(
            (kind.as_str(), content.as_str()),
            ("interactive", "The first")
        );
        assert_eq!(detail[reply]["id"], id);
    }

    let order = json!({"catalog_id": "c", "product_items": [{"product_retailer_id": "p"}]});
    let (kind, content, _) = stored("order", order);
    assert_eq!(
        (kind.as_str(), content.as_str()),
        ("order", "Order of 1 products")
    );

    let (kind, content, _) = stored("system", json!({"body": "Joe changed", "type": "x"}));
    assert_eq!((kind.as_str(), content.as_str()), ("system", "Joe changed"));
}

#[test]
fn what_is_not_understood_is_kept_as_unsupported() {
    for (kind, body) in [
        ("unsupported", json!(null)),
        ("hologram", json!({"id": 7})),
        ("text", json!({"body": 7.5e300})),
        ("image", json!({})),
        ("location", json!({"latitude": "north"})),
    ] {
        let (stored_kind, content, detail) = stored(kind, body);
        assert_eq!(
            content,
            if stored_kind == "text" {
                "7.5e+300"
            } else {
                ""
            }
        );
        if stored_kind != "text" {
            assert_eq!(stored_kind, "unsupported", "{kind}");
            assert_eq!(detail["unsupported"]["type"], kind);
        }
    }
}

#[test]
fn a_reply_and_a_reaction_name_the_message_they_are_about() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    let mut reply = text("wamid.2", "353871234567", "Still there?");
    reply["context"] = json!({"from": "353800000000", "id": "wamid.1"});
    let mut reaction = text("wamid.3", "353871234567", "");
    reaction["type"] = "reaction".into();
    reaction["reaction"] = json!({"message_id": "wamid.1"});
    send(&stack, &from_joe(&[reply, reaction]));
    let about = "SELECT count(*) FROM messages a JOIN messages b ON b.reply_to = a.id
      WHERE a.provider_id = 'wamid.1'";
    assert_eq!(stack.db.value(about).as_integer(), Some(2));
    let removed = "SELECT json(detail) FROM messages WHERE type = 'reaction'";
    assert_eq!(
        stack.db.value(removed),
        Value::from("{\"reaction\":{\"removed\":true}}")
    );
}

#[test]
fn media_is_announced_after_its_bytes_or_five_seconds() {
    let (stack, tenant) = stack();
    let mut image = text("wamid.1", "353871234567", "");
    image["type"] = "image".into();
    image["image"] =
        json!({"id": 12345, "mime_type": "image/jpeg", "sha256": "x", "caption": "Look"});
    send(&stack, &from_joe(&[image.clone()]));
    let row = "SELECT m.content || '|' || a.state || '|' || a.filename || '|' || a.type || '|'
        || (a.source ->> 'media_id') || '|' || (h.due_at - a.created_at)
      FROM attachments a JOIN messages m ON m.id = a.message_id
      JOIN outbox o ON o.subject_id = m.id JOIN held_events h ON h.sequence = o.sequence";
    assert_eq!(
        stack.db.value(row),
        Value::from("Look|pending|image.jpg|image/jpeg|12345|5000000")
    );
    let woken = stack.ports.take_wakes(Queue::Media);
    assert!(woken[0].0.contains(&tenant.business_id), "{woken:?}");
    let later = (tenant.business_id.clone(), 5);
    assert!(stack.ports.take_wakes(Queue::Events).contains(&later));
    send(&stack, &from_joe(&[image]));
    assert_eq!(super::count(&stack, "attachments"), 1);
}

fn customers_after(bodies: &[Json]) -> i64 {
    let bodies = bodies.to_vec();
    isolated(move || {
        let (stack, _) = stack();
        for body in &bodies {
            assert_eq!(send(&stack, body).status, 200);
        }
        super::count(&stack, "customers")
    })
}

#[test]
fn a_sender_without_a_number_is_known_by_the_user_id_and_later_by_both() {
    let user = "US.13491208655302741918";
    let hidden = |id: &str| {
        json!({"id": id, "from_user_id": user, "timestamp": 1767323000, "type": "text",
            "text": {"body": "Hi"}})
    };
    let mut shown = text("wamid.2", "353871234567", "Hi");
    shown["from_user_id"] = user.into();
    let hidden_only = delivery(json!({"messages": [hidden("wamid.1")]}));
    let both = delivery(json!({"messages": [shown.clone()]}));
    let number_only = delivery(json!({"messages": [text("wamid.3", "353871234567", "Hi")]}));
    assert_eq!(
        customers_after(&[hidden_only, both.clone(), number_only]),
        1
    );
    let mixed = [
        shown,
        hidden("wamid.1"),
        text("wamid.3", "353871234567", "Hi"),
    ];
    assert_eq!(customers_after(&[delivery(json!({"messages": mixed}))]), 1);
}

#[test]
fn two_spellings_of_a_brazilian_mobile_number_are_one_customer() {
    let with = from_joe(&[text("wamid.1", "5511961234567", "Oi")]);
    let without = from_joe(&[text("wamid.2", "551161234567", "Oi")]);
    assert_eq!(customers_after(&[without.clone(), with.clone()]), 1);
    assert_eq!(customers_after(&[with, without]), 1);
    let landline = from_joe(&[text("wamid.3", "551121234567", "Oi")]);
    let mobile = from_joe(&[text("wamid.4", "5511921234567", "Oi")]);
    assert_eq!(customers_after(&[landline, mobile]), 2);
}

fn conversation_states(stack: &Stack) -> Vec<String> {
    let rows = stack
        .db
        .sql("SELECT status FROM conversations ORDER BY created_at, id");
    rows.into_iter()
        .flatten()
        .filter_map(Value::into_text)
        .collect()
}

#[test]
fn a_closed_conversation_is_reopened_within_72_hours_and_left_alone_after() {
    const HOUR: i64 = 3_600_000_000;
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    let close = || {
        let at = stack.now().micros();
        let close = format!("UPDATE conversations SET status = 'closed', closed_at = {at}");
        stack.db.sql(&close);
    };
    close();
    stack.advance(71 * HOUR);
    send(
        &stack,
        &from_joe(&[text("wamid.2", "353871234567", "Hello")]),
    );
    assert_eq!(conversation_states(&stack), ["open"]);
    assert_eq!(super::events(&stack)[3], "conversation.status_changed");
    close();
    stack.advance(73 * HOUR);
    send(
        &stack,
        &from_joe(&[text("wamid.3", "353871234567", "Hello")]),
    );
    assert_eq!(conversation_states(&stack), ["closed", "open"]);
}

#[test]
fn texts_and_files_in_one_delivery_are_taken_in_together() {
    let (stack, _) = stack();
    let mut image = text("wamid.2", "353871234567", "");
    image["type"] = "image".into();
    image["image"] = json!({"id": 1, "mime_type": "image/jpeg"});
    let (first, last) = (
        text("wamid.1", "353871234567", "Look"),
        text("wamid.3", "353871234567", "at this"),
    );
    assert_eq!(send(&stack, &from_joe(&[first, image, last])).status, 200);
    let counts =
        "SELECT (SELECT count(*) FROM messages) || ' ' || (SELECT count(*) FROM attachments)";
    assert_eq!(stack.db.value(counts), Value::from("3 1"));
}

#[test]
fn a_second_conversation_of_one_customer_begins_like_the_first() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    let again = send(
        &stack,
        &from_joe(&[text("wamid.2", "353871234567", "Again")]),
    );
    assert_eq!(again.status, 200);
    let conversations = "SELECT count(*) || '' FROM conversations";
    assert_eq!(stack.db.value(conversations), Value::from("2"));
}
