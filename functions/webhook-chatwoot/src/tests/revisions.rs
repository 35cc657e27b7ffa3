use super::{Desk, Json, ana, message, reply};
use serde_json::json;

/// The event that a message changed, to this text, so many seconds later.
fn changed(original: &Json, content: &str, seconds: u32) -> Json {
    let mut event = original.clone();
    event["event"] = "message_updated".into();
    event["content"] = content.into();
    let at = format!("2026-01-01T00:00:{seconds:02}.000Z");
    event["conversation"]["messages"][0]["updated_at"] = at.into();
    event
}

#[test]
fn every_edit_counts_and_the_latest_stays() {
    let desk = Desk::new();
    let original = message(1, 130, &ana(), "one");
    desk.told(&original);
    desk.told(&changed(&original, "two", 2));
    assert_eq!(desk.messages(), ["received text two"]);
    desk.told(&changed(&original, "four", 4));
    desk.told(&changed(&original, "three", 3));
    assert_eq!(desk.messages(), ["received text four"]);
    let updates = "outbox WHERE event = 'message.updated'";
    assert_eq!(desk.count(updates), 2);
}

#[test]
fn a_change_that_leaves_the_text_as_it_was_writes_nothing() {
    let desk = Desk::new();
    let (asked, answered) = (message(1, 130, &ana(), "one"), reply(2, 130, &ana(), "two"));
    desk.told(&asked);
    desk.told(&answered);
    let (events, calls) = (desk.events(), desk.stack.db.calls());
    assert_eq!(desk.told(&changed(&asked, "one", 2))["ignored"], 1);
    assert_eq!(desk.told(&changed(&answered, "two ", 3))["ignored"], 1);
    assert_eq!(desk.events(), events);
    assert_eq!(desk.stack.db.calls() - calls, 2);
    let edited = "messages WHERE detail ->> 'edited' IS NOT NULL";
    assert_eq!(desk.count(edited), 0);
}

#[test]
fn a_deleted_message_is_gone_whichever_of_both_comes_first() {
    let original = message(1, 130, &ana(), "secret");
    let mut deleted = changed(&original, "This message was deleted", 2);
    deleted["content_attributes"] = json!({ "deleted": true });
    for order in [[&original, &deleted], [&deleted, &original]] {
        let desk = Desk::new();
        for event in order {
            desk.told(event);
        }
        assert_eq!(desk.messages(), ["received text "]);
        assert_eq!(desk.count("messages WHERE detail ->> 'deleted'"), 1);
    }
}

#[test]
fn a_change_of_a_message_whose_own_webhook_was_lost_brings_it() {
    let desk = Desk::new();
    let mut original = message(1, 130, &ana(), "one");
    let now = desk.stack.now().micros() / 1_000_000;
    original["created_at"] = now.into();
    desk.told(&changed(&original, "two", 2));
    assert_eq!(desk.messages(), ["received text two"]);
    desk.told(&original);
    assert_eq!(desk.messages(), ["received text two"]);
    assert_eq!(
        desk.count("messages WHERE detail ->> 'edited' IS NOT NULL"),
        0
    );
}

#[test]
fn a_change_of_what_was_written_long_before_brings_nothing() {
    let desk = Desk::new();
    let mut original = message(1, 130, &ana(), "one");
    original["created_at"] = (desk.stack.now().micros() / 1_000_000 - 100_000).into();
    assert_eq!(desk.told(&changed(&original, "two", 2))["ignored"], 1);
    assert_eq!(desk.count("messages"), 0);
}
