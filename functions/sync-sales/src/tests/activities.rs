//! Conversations and messages are activities, of lead and person both, each once.

use super::there::{Trouble, faulted};
use super::{ADA, Desk, SECOND, apart, everything};
use serde_json::{Value, json};
use testkit::timed_out;

fn of_message(desk: &Desk) -> Value {
    let activities = desk.there.activities();
    let is_it = |one: &&Value| {
        one["additional"]["tieline"]
            .as_str()
            .unwrap()
            .starts_with("message:")
    };
    activities.iter().find(is_it).unwrap().clone()
}

fn of_conversation(desk: &Desk) -> Value {
    let activities = desk.there.activities();
    let is_it = |one: &&Value| {
        let mark = one["additional"]["tieline"].as_str().unwrap();
        mark.starts_with("conversation:")
    };
    let mut found = activities.iter().filter(is_it);
    let first = found.next().unwrap().clone();
    assert!(found.next().is_none());
    first
}

#[test]
fn a_message_is_a_call_of_lead_and_person_that_is_done() {
    let settings = json!({ "sync_messages": true, "time_zone": "Asia/Kolkata" });
    let desk = Desk::with(&settings);
    desk.receive("wamid.1", ADA, "<b>Where</b> is\nmy parcel?");
    desk.settle();
    let [activity] = desk.there.activities().try_into().unwrap();
    let number = desk.value("SELECT substr(id, -8) FROM conversations");
    assert_eq!(activity["type"], "call");
    let title = format!("Message from Customer {ADA} - Conversation #{number}");
    assert_eq!(activity["title"], title);
    assert_eq!(
        activity["comment"],
        "&lt;b&gt;Where&lt;/b&gt; is<br>my parcel?"
    );
    assert_eq!(activity["is_done"], 1);
    assert_eq!(activity["lead_id"], desk.lead()["id"]);
    assert_eq!(activity["person_id"], desk.person()["id"]);
    // 2026-01-02T03:03:20Z, on the CRM's clock.
    assert_eq!(activity["schedule_from"], "2026-01-02 08:33:20");
    assert_eq!(activity["schedule_to"], activity["schedule_from"]);
}

#[test]
fn a_conversation_is_an_activity_that_is_done_when_it_is_closed() {
    let desk = Desk::with(&json!({ "sync_conversations": true,
        "conversation_url": "https://inbox.example/c/{conversation_id}" }));
    desk.receive("wamid.1", ADA, "Where is my parcel?");
    desk.settle();
    let activity = of_conversation(&desk);
    let id = desk.value("SELECT id FROM conversations");
    assert_eq!(
        activity["title"],
        format!("Conversation #{}", &id[id.len() - 8..])
    );
    let comment = activity["comment"].as_str().unwrap();
    for line in [
        "Channel: WhatsApp<br>",
        "Status: open<br>",
        "Customer: Where is my parcel?",
    ] {
        assert!(comment.contains(line), "{comment}");
    }
    assert!(comment.contains(&format!("href=\"https://inbox.example/c/{id}\"")));
    assert_eq!(activity["is_done"], 0);
    desk.stands("status = 'closed', assignee = 'ann@acme.example'");
    let activity = of_conversation(&desk);
    assert_eq!(activity["is_done"], 1);
    assert!(
        activity["comment"]
            .as_str()
            .unwrap()
            .contains("Assignee: ann@acme.example")
    );
    desk.there.requests_made();
    desk.stands("priority = priority");
    assert!(desk.there.requests_made().is_empty(), "nothing changed");
}

#[test]
fn nothing_is_an_activity_that_is_not_switched_on() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.lead();
    assert!(desk.there.activities().is_empty());
}

#[test]
fn notes_between_agents_are_never_sent() {
    let mut settings = everything();
    settings["rolling_transcript"] = true.into();
    let desk = Desk::with(&settings);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let body = json!({ "conversation_id": desk.value("SELECT id FROM conversations"),
        "content": "Mind: not a word of it", "author": "Ann" });
    let call = desk
        .stack
        .call("conversation-notes", "POST", "/api-conversation-notes");
    let call = call.key(&desk.tenant.api_key).json(&body);
    assert_eq!(call.send(conversation_notes::handler::handle).status, 200);
    desk.receive("wamid.2", ADA, "Still there?");
    desk.settle();
    let activities = desk.there.activities();
    assert_eq!(activities.len(), 3, "the conversation and what was said");
    let whole = serde_json::to_string(&activities).unwrap();
    assert!(whole.contains("Still there?") && !whole.contains("Mind"));
}

#[test]
fn a_rolling_transcript_goes_on_with_its_conversation() {
    let desk = Desk::with(&json!({ "rolling_transcript": true }));
    desk.receive("wamid.1", ADA, "First line");
    desk.settle();
    desk.receive("wamid.2", ADA, "Second line");
    desk.reply("reply-1", "An answer");
    let comment = of_conversation(&desk)["comment"]
        .as_str()
        .unwrap()
        .to_owned();
    for said in [
        "Customer: First line",
        "Customer: Second line",
        "Ann: An answer",
    ] {
        assert!(comment.contains(said), "{comment}");
    }
}

#[test]
fn an_agents_message_names_them_and_its_failure_is_told() {
    let desk = Desk::with(&json!({ "sync_messages": true }));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.reply("reply-1", "An answer");
    let title = desk.there.activities()[1]["title"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(title.starts_with("Message from Ann - "), "{title}");
    desk.stack
        .db
        .sql("UPDATE messages SET status = 'failed' WHERE id = 'reply-1'");
    desk.stack.happened(
        &desk.tenant,
        "message.status_changed",
        "reply-1",
        &Value::Null,
    );
    desk.settle();
    assert_eq!(
        desk.there.activities()[1]["comment"],
        "[Not delivered]<br>An answer"
    );
}

#[test]
fn files_are_links() {
    let desk = Desk::with(&json!({ "sync_messages": true }));
    desk.receive("wamid.1", ADA, "See this");
    let message = desk.value("SELECT id FROM messages");
    let id = "01900000-0000-7000-8000-00000000000a";
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type, size,
           created_at)
         SELECT business_id, '{id}', '{message}', 0, 'ready', 'a & b.pdf', 'application/pdf', 7, 0
         FROM messages"
    ));
    desk.settle();
    let comment = of_message(&desk)["comment"].as_str().unwrap().to_owned();
    assert!(
        comment.contains(&format!(
            "https://tieline.example/api/download-media?id={id}&amp;expires="
        )),
        "{comment}"
    );
    assert!(comment.ends_with("a &amp; b.pdf</a>"), "{comment}");
}

#[test]
fn an_activity_whose_answer_was_lost_is_found_by_its_mark() {
    for outcome in [timed_out(), faulted()] {
        apart(|| {
            let desk = Desk::with(&json!({ "sync_messages": true }));
            desk.receive("wamid.1", ADA, "Hello");
            desk.there
                .trouble("POST /activities", Trouble::After(outcome));
            desk.settle();
            let activity = of_message(&desk);
            assert_eq!(desk.there.activities().len(), 1);
            assert_eq!(activity["lead_id"], desk.lead()["id"]);
            assert_eq!(activity["person_id"], desk.person()["id"]);
            assert_eq!(activity["is_done"], 1);
        });
    }
}

#[test]
fn a_conversation_whose_answer_was_lost_is_found_by_whichever_job_is_next() {
    let desk = Desk::with(&everything());
    desk.receive("wamid.1", ADA, "Hello");
    desk.there
        .trouble("POST /activities", Trouble::After(timed_out()));
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    assert_eq!(desk.there.activities().len(), 1);
    // Wanted again meanwhile, its job stands behind that of the message.
    desk.stack.advance(SECOND);
    desk.stands("assignee = 'ann@acme.example'");
    of_conversation(&desk);
    assert_eq!(desk.there.activities().len(), 2);
}

#[test]
fn what_people_deleted_there_stays_deleted() {
    let desk = Desk::with(&everything());
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.there.0.borrow_mut().activities.clear();
    desk.stands("status = 'closed'");
    assert!(desk.there.activities().is_empty());
    assert!(
        desk.jobs().iter().all(|job| !job.contains("failed")),
        "{:?}",
        desk.jobs()
    );
}

#[test]
fn a_long_text_is_cut_below_what_krayin_stores() {
    let desk = Desk::with(&json!({ "sync_messages": true }));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE messages SET content = replace(printf('%.40000c', '&'), '&', '&')");
    desk.settle();
    let comment = of_message(&desk)["comment"].as_str().unwrap().to_owned();
    assert!(comment.len() <= 60_000 && comment.ends_with("[The rest is in the inbox.]"));
}

#[test]
fn a_backfill_makes_what_was_there_before() {
    let desk = Desk::with(&everything());
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'disabled'");
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'active'");
    let message = desk.value("SELECT id FROM messages");
    let customer = desk.value("SELECT id FROM customers");
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, priority,
           ordered_at, created_at, updated_at)
         SELECT business_id, 'krayin', 'message:{message}', 'job-1', '{customer}', 'message', '{message}',
           1, 0, 0, 0 FROM customers"
    ));
    desk.stack.advance(SECOND);
    desk.settle();
    assert_eq!(desk.there.activities().len(), 2);
}
