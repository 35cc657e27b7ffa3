//! How conversations stand that nobody compared yet, that were escalated, or that a message opened.

use super::inbox::{Inbox, MINUTE};
use super::{CONVERSATION, Desk, There};
use common::ports::FetchError;
use serde_json::{Value, json};
use std::cell::Cell;

impl There {
    /// The hundred messages after one, or the last twenty.
    pub(super) fn window(&self, path: &str) -> &[Value] {
        let all = self.notes.as_slice();
        let Some((_, after)) = path.split_once("?after=") else {
            return &all[all.len().saturating_sub(20)..];
        };
        let after = after.parse().ok();
        let behind = all.partition_point(|one| one["id"].as_u64() <= after);
        &all[behind..all.len().min(behind + 100)]
    }
}

impl Desk {
    /// An agent writes a note here.
    fn writes_note(&self, n: u32) {
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
             VALUES ('{business}', '01900000-0000-7000-8000-0000000000{n:02}', '{CONVERSATION}', 'Bob', 'Note {n}', {n})"
        ));
    }

    /// Something happened, and everything is done that comes of it.
    fn happened(&self, event: &str) {
        self.stack
            .happened(&self.tenant, event, CONVERSATION, &Value::Null);
        self.stack.fan_out(&self.tenant);
        self.run();
    }

    fn stands_there(&self, status: &str) {
        self.there.borrow_mut().conversation["status"] = json!(status);
    }

    fn status_there(&self) -> Value {
        self.there.borrow().conversation["status"].clone()
    }
}

#[test]
fn what_people_did_here_before_anybody_compared_is_done_there() {
    let desk = Desk::new();
    desk.set(
        "status = 'closed', priority = 'urgent', assignee = 'bia@example.com', tags = '[\"vip\"]'",
    );
    desk.there.borrow_mut().conversation["labels"] = json!(["sales"]);
    assert_eq!(desk.conversation_in(), "done");
    let state = "closed urgent bia@example.com [\"sales\",\"vip\"]";
    assert_eq!(desk.state(), state);
    let written: Vec<_> = desk.written().into_iter().map(|(what, _)| what).collect();
    assert_eq!(written.len(), 4, "{written:?}");
    assert_eq!(desk.status_there(), "resolved");
    assert!(desk.conversation_in().starts_with("skipped"));
}

#[test]
fn what_nobody_touched_here_is_as_it_is_there() {
    let desk = Desk::new();
    desk.stands_there("pending");
    desk.there.borrow_mut().conversation["priority"] = json!("low");
    assert_eq!(desk.conversation_in(), "done");
    assert_eq!(desk.state(), "pending low - []");
    assert!(desk.written().is_empty());
}

#[test]
fn an_escalation_takes_a_conversation_from_a_bot_whether_or_not_it_was_compared() {
    for is_compared in [false, true] {
        let desk = Desk::new();
        desk.stands_there("pending");
        if is_compared {
            desk.conversation_in();
        }
        desk.set("priority = 'high'");
        desk.happened("conversation.escalated");
        assert_eq!(desk.state(), "open high - []", "{is_compared}");
        assert_eq!(desk.status_there(), "open", "{is_compared}");
        assert_eq!(desk.there.borrow().conversation["priority"], "high");
        // A person who leaves it to the bot again is heard.
        desk.stands_there("pending");
        desk.conversation_in();
        assert_eq!(desk.state(), "pending high - []");
    }
}

#[test]
fn whether_a_message_opens_a_conversation_is_for_chatwoot_to_say() {
    for status in ["pending", "resolved", "open"] {
        let inbox = Inbox::new();
        inbox.pass(MINUTE);
        inbox.there().contact(46, json!({}));
        inbox.there().conversation(130, 46, json!({}));
        inbox.there().writes(130, "one");
        inbox.look();
        inbox.there().conversations.get_mut(&130).unwrap()["status"] = json!("resolved");
        inbox.there().touch(130);
        inbox.look();
        let here = "SELECT status FROM conversations";
        assert_eq!(inbox.text(here), "closed");
        inbox.pass(MINUTE);
        inbox.there().conversations.get_mut(&130).unwrap()["status"] = json!(status);
        let id = inbox.there().writes(130, "two");
        inbox.there().written.clear();
        inbox.told(id);
        assert_eq!(inbox.text(here), "open");
        inbox.settle();
        let stands = if status == "resolved" {
            "closed"
        } else {
            status
        };
        assert_eq!(inbox.text(here), stands);
        assert_eq!(inbox.seen().conversations[&130]["status"], status);
        assert!(inbox.seen().written.is_empty());
        // What people here close now is closed there.
        let closed = "UPDATE conversations SET status = 'snoozed', closed_at = NULL";
        inbox.stack.db.sql(closed);
        let id = inbox.text("SELECT id FROM conversations");
        let event = "conversation.status_changed";
        let detail = json!({});
        inbox.stack.happened(&inbox.tenant, event, &id, &detail);
        inbox.settle();
        assert_eq!(inbox.seen().conversations[&130]["status"], "snoozed");
    }
}

#[test]
fn notes_go_however_many_there_are() {
    let desk = Desk::new();
    (10..23).for_each(|n| desk.writes_note(n));
    desk.job("conversation", CONVERSATION);
    for _ in 0..3 {
        desk.run();
    }
    assert_eq!(desk.there.borrow().notes.len(), 13);
    let state = "SELECT state FROM crm_jobs WHERE kind = 'conversation'";
    assert_eq!(desk.text(state), "done");
}

#[test]
fn a_conversation_is_closed_when_a_run_comes_to_it_and_not_when_it_began() {
    let desk = Desk::new();
    desk.stands_there("resolved");
    let (there, stack) = (desk.there.clone(), desk.stack.clone());
    desk.stack.ports.respond(move |request| {
        stack.advance(4_000_000);
        Some(there.borrow_mut().answer(request))
    });
    let began = desk.stack.now().micros();
    assert_eq!(desk.conversation_in(), "done");
    let after = began + 4_000_000;
    let told = format!(
        "SELECT count(*) FROM conversations v JOIN outbox o ON o.subject_id = v.id
         WHERE o.event = 'conversation.status_changed' AND v.closed_at >= {after} AND o.created_at >= {after}"
    );
    assert_eq!(desk.stack.db.value(&told).as_integer(), Some(1));
}

#[test]
fn a_note_whose_answer_was_lost_is_found_behind_whatever_was_written_since() {
    let desk = Desk::new();
    desk.writes_note(10);
    let (there, is_first) = (desk.there.clone(), Cell::new(true));
    desk.stack.ports.respond(move |request| {
        let mut there = there.borrow_mut();
        let answered = there.answer(request);
        if request.method == "POST" && is_first.replace(false) {
            for n in 0..130 {
                there
                    .notes
                    .push(json!({ "id": 1000 + n, "content": "Busy" }));
            }
            return Some(Err(FetchError::Unsure("cut".into())));
        }
        Some(answered)
    });
    desk.job("conversation", CONVERSATION);
    desk.stack.advance(2_000_000);
    desk.run();
    let there = desk.there.borrow();
    let notes = there.notes.iter().filter(|one| one["private"] == true);
    assert_eq!(notes.count(), 1);
    let link = "SELECT remote_id FROM crm_links WHERE kind = 'note'";
    assert_eq!(desk.text(link), format!("{}/900", desk.channel));
}
