use super::inbox::{Inbox, MINUTE};
use common::ports::Queue;
use serde_json::json;

#[test]
fn what_was_written_while_no_webhook_came_is_here_once() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    {
        let mut site = inbox.there();
        site.contact(46, json!({ "name": "Ana" }));
        site.conversation(
            130,
            46,
            json!({ "labels": ["vip"], "assignee": { "id": 5, "name": "Bia" } }),
        );
        site.writes(130, "one");
        site.answers(130, "two");
        site.notes(130, "a note");
    }
    inbox.look();
    assert_eq!(inbox.messages(), "one, two");
    let state = "SELECT status || ' ' || tags || ' ' || assignee || ' ' || message_count FROM conversations";
    assert_eq!(inbox.text(state), r#"open ["vip"] bia@example.com 2"#);
    let notes = "SELECT group_concat(author || ': ' || content) FROM conversation_notes";
    assert_eq!(inbox.text(notes), "Bia: a note");
    let events = "SELECT group_concat(event, ' ') FROM (SELECT event FROM outbox WHERE event GLOB 'message.*'
        OR event GLOB 'customer.created' ORDER BY sequence)";
    assert_eq!(
        inbox.text(events),
        "customer.created message.received message.sent"
    );
    let customer = "SELECT name || ' ' || email FROM customers";
    assert_eq!(inbox.text(customer), "Ana p46@example.com");
    assert!(
        inbox.seen().written.is_empty(),
        "{:?}",
        inbox.seen().written
    );
    let before = inbox.everything();
    inbox.look();
    inbox.look();
    assert_eq!(
        inbox.everything(),
        before,
        "a second look finds nothing new"
    );
}

#[test]
fn a_gap_between_messages_that_came_is_filled() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    let first = inbox.there().writes(130, "one");
    inbox.there().writes(130, "two");
    let third = inbox.there().writes(130, "three");
    inbox.told(first);
    inbox.told(third);
    inbox.look();
    assert_eq!(inbox.messages(), "one, two, three");
}

#[test]
fn what_was_written_before_the_account_was_connected_is_for_a_backfill() {
    let inbox = Inbox::new();
    {
        let mut site = inbox.there();
        site.now -= 3600;
        site.contact(46, json!({}));
        site.conversation(130, 46, json!({}));
        site.writes(130, "long ago");
        site.notes(130, "an old note");
        site.contact(47, json!({}));
        site.conversation(131, 47, json!({}));
        site.writes(131, "nobody goes on here");
    }
    inbox.pass(MINUTE);
    inbox.there().writes(130, "now");
    inbox.look();
    assert_eq!(inbox.messages(), "now");
    assert_eq!(inbox.number("SELECT count(*) FROM conversation_notes"), 0);
}

#[test]
fn a_look_reads_as_many_messages_and_pages_as_there_are() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    {
        let mut site = inbox.there();
        site.contact(46, json!({}));
        site.conversation(130, 46, json!({}));
        for number in 0..730 {
            site.writes(130, &format!("{number}"));
        }
        for id in 200..330 {
            site.contact(id, json!({}));
            site.conversation(id, id, json!({}));
            site.writes(id, "hello");
        }
    }
    inbox.look();
    let count = |of: &str| inbox.number(&format!("SELECT count(*) FROM {of}"));
    assert_eq!(count("messages"), 730 + 130);
    assert_eq!(count("conversations"), 131);
    assert_eq!(count("customers"), 131);
    let pages = |what: &str| {
        inbox
            .seen()
            .requests
            .iter()
            .filter(|one| one.contains(what))
            .count()
    };
    assert_eq!(pages("sort_by=last_activity_at_desc"), 7);
    assert_eq!(pages("sort=-last_activity_at"), 10);
    assert_eq!(pages("conversations/130/messages?after"), 8);
    // What is as it was costs a page of each list, and no more than that once it is settled.
    inbox.look();
    inbox.there().requests.clear();
    inbox.look();
    let requests = inbox.seen().requests.join(" ");
    assert_eq!(inbox.seen().requests.len(), 2, "{requests}");
}

#[test]
fn a_look_that_was_cut_off_goes_on_where_it_stopped_and_skips_nothing() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    {
        let mut site = inbox.there();
        for id in 200..300 {
            site.contact(id, json!({}));
            site.conversation(id, id, json!({}));
            site.writes(id, "hello");
        }
        let next = site.requests.len() + 3;
        site.fault = Some((next, super::site::Fault::Before));
    }
    inbox.pass(5 * MINUTE);
    inbox.wants_reconcile();
    inbox
        .stack
        .job(&inbox.tenant.business_id, sync_sources::handler::handle);
    // While it waits, one that was already read comes to the front, and one that was not.
    inbox.there().writes(299, "again");
    inbox.there().writes(201, "and I");
    inbox.settle();
    inbox.look();
    let count = |of: &str| inbox.number(&format!("SELECT count(*) FROM {of}"));
    assert_eq!((count("conversations"), count("messages")), (100, 102));
    let first = inbox
        .seen()
        .requests
        .iter()
        .filter(|one| one.ends_with("_desc&page=1"))
        .count();
    assert_eq!(first, 2, "one for each look");
}

#[test]
fn an_edit_and_a_deletion_that_nobody_told_of_are_found() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    let [first, second, third] =
        ["one", "two", "three"].map(|text| inbox.there().writes(130, text));
    inbox.look();
    inbox.there().message(first)["content"] = json!("ONE");
    inbox.there().message(second)["content"] = json!("This message was deleted");
    inbox.there().message(second)["content_attributes"] = json!({ "deleted": true });
    inbox.there().writes(130, "four");
    inbox.look();
    assert_eq!(inbox.messages(), "ONE, , three, four");
    let deleted = "SELECT group_concat(provider_id) FROM messages WHERE detail ->> 'deleted'";
    assert_eq!(inbox.text(deleted), second.to_string());
    let before = inbox.everything();
    inbox.look();
    assert_eq!(inbox.everything(), before);
    // What was deleted before it was ever seen never comes.
    let fifth = inbox.there().writes(130, "five");
    inbox.there().message(fifth)["content_attributes"] = json!({ "deleted": true });
    inbox.look();
    assert_eq!(inbox.number("SELECT count(*) FROM messages"), 4);
    assert!(third > second);
}

#[test]
fn what_is_in_an_inbox_that_is_left_out_stays_there() {
    let inbox = Inbox::with(&json!({ "inboxes_left_out": "7" }));
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox
        .there()
        .conversation(130, 46, json!({ "inbox_id": 7 }));
    inbox.there().writes(130, "private");
    inbox.look();
    assert_eq!(inbox.number("SELECT count(*) FROM conversations"), 0);
    let asked = inbox.seen().requests.join(" ");
    assert!(!asked.contains("conversations/130"), "{asked}");
}

#[test]
fn notes_that_come_before_the_first_message_wait_for_it() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().notes(130, "call them");
    inbox.look();
    assert_eq!(inbox.number("SELECT count(*) FROM conversation_notes"), 0);
    inbox.look();
    let said = inbox.there().writes(130, "hello");
    inbox.told(said);
    inbox.look();
    let notes = "SELECT group_concat(content) FROM conversation_notes";
    assert_eq!(inbox.text(notes), "call them");
}

#[test]
fn a_message_found_late_opens_nothing_that_was_resolved_since() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    inbox.there().conversations.get_mut(&130).unwrap()["status"] = json!("resolved");
    inbox.there().writes(130, "two");
    inbox.look();
    inbox.there().writes(130, "three");
    inbox.look();
    let status = "SELECT status || ' ' || unread_count FROM conversations";
    assert_eq!(inbox.text(status), "closed 3");
    let site = inbox.seen();
    assert_eq!(site.conversations[&130]["status"], "resolved");
    assert!(site.written.is_empty(), "{:?}", site.written);
}

#[test]
fn contacts_that_were_merged_while_no_webhook_came_are_one_customer() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox
        .there()
        .contact(46, json!({ "email": "ana@example.com" }));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    {
        let mut site = inbox.there();
        site.contacts.remove(&46);
        site.contact(
            47,
            json!({ "email": "ana@example.com", "phone_number": "+5511912345678" }),
        );
        site.conversations.get_mut(&130).unwrap()["contact"] = json!(47);
    }
    inbox.look();
    let ids = "SELECT group_concat(value) FROM identities WHERE kind = 'external_id'";
    assert_eq!(inbox.text(ids), "47");
    assert_eq!(inbox.text("SELECT phone FROM customers"), "+5511912345678");
    inbox.there().writes(130, "two");
    inbox.look();
    assert_eq!(inbox.number("SELECT count(*) FROM customers"), 1);
    assert_eq!(inbox.messages(), "one, two");
}

#[test]
fn an_account_that_refuses_stands_in_no_others_way() {
    let inbox = Inbox::new();
    let settings = json!({ "base_url": "https://chat.example.com", "account_id": "2" });
    let token = json!({ "access_token": "other" });
    let address = "chat.example.com#2";
    let other = inbox
        .stack
        .channel(&inbox.tenant, "chatwoot", address, &settings, &token);
    assert!(other > inbox.channel, "the one that refuses is asked first");
    inbox.there().refuses = Some("/accounts/3/");
    inbox.look();
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    assert_eq!(inbox.messages(), "one");
}

#[test]
fn the_files_of_a_message_that_is_found_are_fetched_and_go_with_it() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    let id = inbox.there().writes(130, "look");
    inbox.there().message(id)["attachments"] = json!([{ "id": 9, "message_id": id, "file_type": "image",
        "extension": "png", "content_type": "image/png", "data_url": "https://chat.example.com/rails/x.png" }]);
    inbox.look();
    let wakes = inbox.stack.ports.take_wakes(Queue::Media);
    assert_eq!(wakes.len(), 1, "its bytes are asked for");
    let stored = "UPDATE attachments SET state = 'ready', size = 3, source = NULL";
    inbox.stack.db.sql(stored);
    inbox.there().message(id)["content_attributes"] = json!({ "deleted": true });
    inbox.there().message(id)["attachments"] = json!([]);
    inbox.there().touch(130);
    inbox.look();
    assert_eq!(inbox.number("SELECT count(*) FROM attachments"), 0);
}
