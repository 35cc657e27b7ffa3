//! Payloads of the versions that there are: 4.3 of July 2025, 4.10 of February and 4.13 of May 2026, and
//! what relays and older servers make of them (chatwoot.md §2).

mod contacts;
mod contents;
mod messages;

use super::*;
use channels::NameKind;
use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// An incoming message on WhatsApp, as 4.13 tells it.
fn incoming() -> Value {
    serde_json::from_str(include_str!("message.json")).unwrap()
}

/// The same with some parts changed: a path of keys, and what stands there then; null takes it out.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut payload = incoming();
    for (path, value) in changes {
        let pointer = format!("/{}", path.replace('.', "/"));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = payload.pointer_mut(parent).unwrap();
        match parent {
            Value::Object(object) => object.insert(key.to_owned(), value.clone()),
            other => other
                .get_mut(key.parse::<usize>().unwrap())
                .map(|at| std::mem::replace(at, value.clone())),
        };
    }
    payload
}

fn parsed(payload: &Value) -> Delivery {
    Delivery::parse(payload.to_string().as_bytes()).unwrap()
}

fn message(payload: &Value) -> MessageEvent {
    match parsed(payload).event {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn names(event: &MessageEvent) -> Vec<(NameKind, &str)> {
    let names = event.message.sender.names.iter();
    names.map(|name| (name.kind, name.value.as_str())).collect()
}

#[test]
fn a_channel_is_told_by_its_class_and_by_the_visitors_address() {
    for (class, source_id, kind, channel) in [
        ("Channel::WebWidget", "uuid", None, "web"),
        ("Channel::Api", "x", None, "api"),
        ("Channel::Telegram", "1", None, "telegram"),
        ("Channel::Line", "1", None, "line"),
        ("Channel::Tiktok", "1", None, "tiktok"),
        ("Channel::Whatsapp", "5511", None, "whatsapp"),
        ("Channel::TwilioSms", "whatsapp:+1555", None, "whatsapp"),
        ("Channel::TwilioSms", "+1555", None, "sms"),
        ("Channel::Sms", "+1555", None, "sms"),
        ("Channel::Email", "a@b.c", None, "email"),
        ("Channel::FacebookPage", "1", None, "facebook"),
        (
            "Channel::FacebookPage",
            "1",
            Some("instagram_direct_message"),
            "instagram",
        ),
        ("Channel::Instagram", "1", None, "instagram"),
        ("Channel::Voice", "1", None, "api"),
        ("", "", None, "api"),
    ] {
        let told = Channel::of(class, Some(source_id), kind);
        assert_eq!(told.as_str(), channel, "{class}");
        assert_eq!(Channel::parse(channel), Some(told));
    }
    assert_eq!(Channel::parse("messenger"), None);
}

#[test]
fn what_is_not_known_is_ignored_and_what_is_no_json_is_none() {
    for payload in [
        json!({"event": "conversation_typing_on", "conversation": {"id": 1}}),
        json!({"event": "webwidget_triggered", "id": 1}),
        json!({"event": "automation_event.message_created", "id": 1}),
        json!({"event": "message_created"}),
        json!({"event": "message_created", "id": 1, "message_type": "incoming"}),
        json!({"event": "message_created", "id": 1, "message_type": "incoming", "conversation": []}),
        json!({"event": "contact_updated", "name": "nobody"}),
        json!({"event": "conversation_updated", "id": null}),
        json!({"event": 7}),
        json!({}),
    ] {
        assert_eq!(parsed(&payload).event, Event::Ignored, "{payload}");
    }
    for body in ["", "[]", "{", "null", "<html>"] {
        assert_eq!(Delivery::parse(body.as_bytes()), None, "{body}");
    }
    // Half an emoji, where a relay cut a text, costs that one character.
    let cut = incoming()
        .to_string()
        .replace("\"content\":\"oi\"", "\"content\":\"oi\\ud83d\"");
    assert!(
        matches!(Delivery::parse(cut.as_bytes()).unwrap().event, Event::Message(event) if event.message.content == "oi\u{fffd}")
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_reader(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = Delivery::parse(&body);
    }

    #[test]
    fn no_value_anywhere_breaks_the_reader(at in 0..400_usize, odd in 0..6_usize) {
        let mut payload = incoming();
        let odd = [json!(null), json!([]), json!({}), json!("x"), json!(-1.5), json!([[{}]])][odd].clone();
        replace_nth(&mut payload, &mut at.clone(), &odd);
        let _ = parsed(&payload);
    }
}

/// Replaces the n-th value below this one.
fn replace_nth(value: &mut Value, n: &mut usize, by: &Value) {
    let children: Vec<&mut Value> = match value {
        Value::Object(object) => object
            .iter_mut()
            .filter(|(name, _)| *name != "event")
            .map(|(_, child)| child)
            .collect(),
        Value::Array(list) => list.iter_mut().collect(),
        _ => return,
    };
    for child in children {
        if *n == 0 {
            *child = by.clone();
        }
        *n = n.wrapping_sub(1);
        if *n == usize::MAX {
            return;
        }
        replace_nth(child, n, by);
        if *n == usize::MAX {
            return;
        }
    }
}
