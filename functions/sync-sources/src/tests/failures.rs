use super::inbox::{Inbox, MINUTE};
use super::site::Fault;
use common::db::DbError;
use serde_json::json;
use testkit::Failure;

const FAULTS: [Fault; 3] = [Fault::Before, Fault::After, Fault::Stumbles];

/// Two people write and an agent answers; one conversation is resolved; somebody here leaves a note and changes labels.
fn a_day(inbox: &Inbox) {
    inbox.pass(MINUTE);
    {
        let mut site = inbox.there();
        site.is_administrator = true;
        site.contact(
            46,
            json!({ "additional_attributes": { "company_name": "Loja" } }),
        );
        site.contact(47, json!({}));
        site.conversation(130, 46, json!({ "labels": ["vip"] }));
        site.conversation(131, 47, json!({ "status": "resolved" }));
        site.writes(130, "one");
        site.answers(130, "two");
        site.notes(130, "theirs");
        site.writes(131, "bye");
    }
    inbox.look();
    let conversation = inbox.text("SELECT id FROM conversations WHERE thread = '130'");
    let customer = inbox.text("SELECT customer_id FROM conversations WHERE thread = '130'");
    let business = &inbox.tenant.business_id;
    inbox.stack.db.sql(&format!(
        "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
         VALUES ('{business}', '01900000-0000-7000-8000-0000000000e1', '{conversation}', 'Bob', 'ours', 1)"
    ));
    inbox.stack.db.sql(
        "UPDATE conversations SET tags = '[\"vip\",\"new\"]', priority = 'high' WHERE thread = '130'",
    );
    inbox
        .stack
        .db
        .sql("UPDATE customers SET crm_ids = 'krayin:person:1' WHERE email = 'p46@example.com'");
    let happened = |event: &str, id: &str| {
        inbox
            .stack
            .happened(&inbox.tenant, event, id, &serde_json::Value::Null)
    };
    happened("inbox.changed", &conversation);
    happened("customer.updated", &customer);
    inbox.settle();
    inbox.look();
}

/// What both sides have in the end.
fn both(inbox: &Inbox) -> String {
    let site = inbox.seen();
    let messages = site.messages.iter().map(|one| &one["content"]);
    let messages: Vec<_> = messages.collect();
    let conversations: Vec<_> = site
        .conversations
        .values()
        .map(|one| json!([one["status"], one["priority"], one["labels"]]))
        .collect();
    let contact = &site.contacts[&46]["custom_attributes"];
    let theirs = json!([messages, conversations, contact, site.attributes]);
    // Jobs are done in another order after a failure, and each agreement has a revision of its own.
    let ours = inbox.text(
        "SELECT json_group_array(json_array(provider_id, content, direction)) FROM (
           SELECT * FROM messages ORDER BY provider_id)",
    );
    let stands = inbox.text(
        "SELECT json_group_array(json_array(thread, status, priority, tags, message_count)) FROM (
           SELECT * FROM conversations ORDER BY thread)",
    );
    let people = inbox.text(
        "SELECT json_group_array(json_array(name, email, custom_fields, crm_ids)) FROM (
           SELECT * FROM customers ORDER BY email)",
    );
    let notes = inbox.text(
        "SELECT json_group_array(json_array(author, content)) FROM (
           SELECT * FROM conversation_notes ORDER BY content)",
    );
    let events = inbox.text(
        "SELECT group_concat(event || n) FROM (SELECT event, count(*) AS n FROM outbox
           WHERE event GLOB 'message.*' OR event GLOB '*.created' GROUP BY event)",
    );
    [theirs.to_string(), ours, stands, people, notes, events].join("\n")
}

#[test]
fn whatever_request_fails_nothing_is_lost_and_nothing_done_twice() {
    let whole = Inbox::new();
    a_day(&whole);
    let (expected, count) = (both(&whole), whole.seen().requests.len());
    assert!(expected.contains("Bob: ours") && expected.contains("krayin_person_id"));
    assert!(count > 20, "{count}");
    for number in 1..=count {
        for fault in FAULTS {
            let inbox = Inbox::new();
            inbox.there().fault = Some((number, fault));
            a_day(&inbox);
            let request = inbox.seen().requests[number - 1].clone();
            assert_eq!(both(&inbox), expected, "{fault:?} at {request}");
            let failed = "SELECT count(*) FROM crm_jobs WHERE state = 'failed'";
            assert_eq!(
                inbox.number(failed),
                0,
                "{fault:?} at {request}: {}",
                inbox.jobs()
            );
        }
    }
}

#[test]
fn whatever_call_of_the_database_fails_nothing_is_lost_and_nothing_done_twice() {
    let whole = Inbox::new();
    a_day(&whole);
    let (expected, calls) = (both(&whole), whole.stack.db.calls());
    assert!(calls > 100, "{calls}");
    for failure in [Failure::Before, Failure::After] {
        for number in (0..calls).step_by(17) {
            let inbox = Inbox::new();
            let away = DbError::Outage("away".into());
            inbox.stack.db.fail_after(number, failure(away));
            inbox.is_lenient.set(true);
            a_day(&inbox);
            assert_eq!(both(&inbox), expected, "call {number}");
        }
    }
}
