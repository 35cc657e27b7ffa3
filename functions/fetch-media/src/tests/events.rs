use super::{FILE, Inbox, JPEG, LOOKASIDE, MESSAGE, SECOND, address, gives};
use common::db::Value as Column;
use common::ports::Queue;
use serde_json::json;
use testkit::{answer, refused};

const SECOND_FILE: &str = "01920000-0000-7000-8000-000000000002";

fn updated() -> Vec<String> {
    vec![format!("message.updated {MESSAGE}")]
}

#[test]
fn the_event_that_waits_goes_out_at_once_and_no_second_one_is_raised() {
    let inbox = Inbox::new();
    inbox.hold();
    inbox.stack.advance(SECOND);
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    let due = inbox.stack.db.value("SELECT due_at FROM held_events");
    assert_eq!(due, Column::Integer(inbox.stack.now().micros()));
    assert!(inbox.events().is_empty());
    let wakes = inbox.stack.ports.take_wakes(Queue::Events);
    assert_eq!(wakes, [(inbox.tenant.business_id.clone(), 0)]);
}

#[test]
fn bytes_that_come_after_the_event_went_out_raise_one_that_the_message_changed() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.events(), updated());
    let wakes = inbox.stack.ports.take_wakes(Queue::Events);
    assert_eq!(wakes, [(inbox.tenant.business_id.clone(), 0)]);
    inbox.fetch();
    assert_eq!(inbox.events(), updated(), "once");
}

#[test]
fn an_event_of_another_message_is_not_touched() {
    let inbox = Inbox::new();
    inbox.hold();
    inbox
        .stack
        .db
        .sql("UPDATE held_events SET message_id = 'another'");
    let before = inbox.stack.db.sql("SELECT due_at FROM held_events");
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.stack.db.sql("SELECT due_at FROM held_events"), before);
    assert_eq!(inbox.events(), updated());
}

#[test]
fn while_all_bytes_are_still_to_come_the_event_waits() {
    let inbox = Inbox::new();
    inbox.hold();
    inbox.will([refused()]);
    inbox.fetch();
    let due = inbox
        .stack
        .db
        .value("SELECT due_at FROM held_events")
        .as_integer();
    assert_eq!(due, Some(inbox.stack.now().micros() + 5 * SECOND));
    assert!(inbox.stack.ports.take_wakes(Queue::Events).is_empty());
}

#[test]
fn of_two_files_the_one_that_came_is_told_and_the_other_follows() {
    let inbox = Inbox::new();
    inbox.attachment(SECOND_FILE, json!({ "media_id": "901" }));
    inbox.will([
        address(LOOKASIDE, JPEG),
        gives(200, JPEG),
        answer(500, &json!({})),
    ]);
    inbox.fetch();
    assert_eq!(inbox.events().len(), 1);
    let states = inbox
        .stack
        .db
        .sql("SELECT id, state FROM attachments ORDER BY position");
    assert_eq!(
        states,
        [
            [FILE.into(), "ready".into()],
            [SECOND_FILE.into(), "pending".into()]
        ]
    );
    inbox.stack.advance(5 * SECOND);
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.events().len(), 2);
    let requests_made: Vec<_> = inbox
        .requests_made()
        .into_iter()
        .map(|(url, _)| url)
        .collect();
    assert!(
        requests_made[3].contains("/901?"),
        "the first is not fetched again: {requests_made:?}"
    );
}

#[test]
fn the_last_failure_is_told_too() {
    let inbox = Inbox::new();
    inbox
        .stack
        .db
        .sql("UPDATE channels SET deleted_at = 1, credentials = NULL");
    inbox.fetch();
    assert_eq!(inbox.events(), updated());
    let inbox = Inbox::new();
    inbox.hold();
    inbox
        .stack
        .db
        .sql("UPDATE channels SET deleted_at = 1, credentials = NULL");
    inbox.fetch();
    assert!(inbox.events().is_empty());
    let due = inbox
        .stack
        .db
        .value("SELECT due_at FROM held_events")
        .as_integer();
    assert_eq!(due, Some(inbox.stack.now().micros()));
}

#[test]
fn bytes_of_what_was_erased_meanwhile_do_not_stay() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG)]);
    let stack = inbox.stack.clone();
    inbox.stack.ports.respond(move |_| {
        stack.db.sql("DELETE FROM attachments");
        Some(gives(200, JPEG))
    });
    inbox.fetch();
    assert!(inbox.stack.ports.blobs.borrow().is_empty());
    assert!(inbox.events().is_empty());
}

#[test]
fn two_that_fetched_the_same_raise_one_event() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG)]);
    let stack = inbox.stack.clone();
    let message = inbox.message();
    let again = std::cell::Cell::new(true);
    inbox.stack.ports.respond(move |request| {
        if request.url.contains("graph.facebook.com") {
            return Some(address(LOOKASIDE, JPEG));
        }
        if again.replace(false) {
            // The claim has run out, and the cron has woken another.
            stack.db.sql("UPDATE attachments SET due_at = 0");
            stack.job(&message, fetch_media::handler::fetch);
        }
        Some(gives(200, JPEG))
    });
    inbox.fetch();
    assert_eq!(
        (inbox.state().as_str(), inbox.events()),
        ("ready", updated())
    );
}

#[test]
fn who_read_the_message_without_the_bytes_must_read_it_again() {
    let inbox = Inbox::new();
    inbox.hold();
    inbox.stack.advance(6 * SECOND);
    let due = || inbox.stack.db.value("SELECT due_at FROM held_events");
    let as_read = due();
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_ne!(due(), as_read);
    assert!(due().as_integer() <= Some(inbox.stack.now().micros()));
}

#[test]
fn a_large_file_is_stored_in_parts_and_none_stays_of_one_that_was_erased_meanwhile() {
    let large = [JPEG, &vec![0; 4 * 1024 * 1024]].concat();
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, &large), gives(200, &large)]);
    inbox.fetch();
    let blobs = inbox.stack.ports.blobs.borrow().clone();
    let keys: Vec<_> = blobs
        .keys()
        .filter_map(|key| key.split('/').nth(1))
        .collect();
    assert_eq!(keys, [format!("{FILE}.0"), format!("{FILE}.1")]);
    assert!(blobs.values().flatten().eq(&large));
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, &large)]);
    let stack = inbox.stack.clone();
    inbox.stack.ports.respond(move |_| {
        stack.db.sql("DELETE FROM attachments");
        Some(gives(200, &large))
    });
    inbox.fetch();
    assert!(inbox.stack.ports.blobs.borrow().is_empty());
}
