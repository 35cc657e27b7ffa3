//! Conversations that agents begin there, for customers whom we know.

use super::{ADA, Desk, SECOND};
use serde_json::{Value, json};
use testkit::timed_out;

/// Somebody has written; that conversation is over on both sides.
fn over() -> Desk {
    let desk = Desk::begun().with_whatsapp();
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    desk
}

/// An agent writes in a conversation of their own to the customer.
fn begins(desk: &Desk, id: &str, channel: &str, text: &str) -> Value {
    let customer = desk.there.all("customer")[0]["id"].clone();
    let customer = json!({"data": {"type": "customers", "id": customer}});
    let conversation = json!({"type": "conversation", "id": "theirs", "attributes": {"rev": 3,
        "status": "open", "priority": 4, "assignedUsers": ["agent-1"]},
        "relationships": {"customer": customer.clone()}});
    let mut message = desk.written(id, text);
    message["attributes"]["channel"] = json!(channel);
    message["relationships"]["conversation"] =
        json!({"data": {"type": "conversation", "id": "theirs"}});
    message["relationships"]["customer"] = customer;
    let mut state = desk.there.0.borrow_mut();
    if !state.records.iter().any(|one| one["id"] == "theirs") {
        state.records.push(conversation);
    }
    state.records.push(message.clone());
    message
}

fn troubles(desk: &Desk) -> String {
    desk.value("SELECT coalesce(group_concat(value), '') FROM crm_cache WHERE key GLOB 'trouble:*'")
}

fn told(desk: &Desk, id: &str) -> Value {
    let messages = desk.there.all("message");
    let one = messages.iter().find(|one| one["id"] == id).unwrap();
    one["attributes"]["error"].clone()
}

#[test]
fn a_conversation_that_an_agent_begins_becomes_one_here() {
    let desk = over();
    for id in ["theirs-1", "theirs-2"] {
        let message = begins(&desk, id, "whatsapp", &format!("From the agent, {id}"));
        for _ in 0..2 {
            desk.tell(message.clone());
        }
    }
    desk.settle();
    let sent = "messages WHERE direction = 'outbound' AND content GLOB 'From the agent*'";
    assert_eq!(desk.count(sent), 2, "{:?}", desk.jobs());
    let own = desk.stack.db.sql(
        "SELECT v.id, l.remote_id, v.assignee, v.priority FROM conversations v JOIN crm_links l
           ON l.kind = 'conversation' AND l.local_id = v.id WHERE v.status = 'open'",
    );
    let own: Vec<_> = own[0].iter().filter_map(|value| value.as_text()).collect();
    assert_eq!(own[1..], ["theirs", "grace@acme.example", "high"]);
    let created = "outbox WHERE event = 'conversation.created'";
    assert_eq!(desk.count(created), 2, "the customer's, and the agent's");
    // What the customer answers stands in the agent's conversation.
    desk.receive("wamid.2", ADA, "Thanks!");
    desk.settle();
    let answered = desk.there.all("message");
    let answered = answered
        .iter()
        .find(|one| one["attributes"]["preview"] == "Thanks!");
    assert_eq!(
        answered.unwrap()["relationships"]["conversation"]["data"]["id"],
        "theirs"
    );
    assert_eq!(desk.there.all("conversation").len(), 2);
    assert_eq!(troubles(&desk), "");
}

#[test]
fn a_conversation_is_begun_once_however_often_it_is_cut_off() {
    let desk = over();
    let message = begins(&desk, "theirs-1", "whatsapp", "From the agent");
    desk.there.trouble(
        "GET /v1/conversations/theirs",
        super::there::Trouble::Before(timed_out()),
    );
    desk.tell(message);
    desk.settle();
    assert_eq!(desk.count("conversations WHERE status = 'open'"), 1);
    assert_eq!(desk.count("messages WHERE content = 'From the agent'"), 1);
}

#[test]
fn why_a_conversation_is_not_taken_over_is_told_to_the_agent_and_in_the_status() {
    // The customer has another open conversation on the channel.
    let desk = Desk::begun().with_whatsapp();
    desk.tell(begins(&desk, "theirs-1", "whatsapp", "In a second one"));
    desk.settle();
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 0);
    assert_eq!(told(&desk, "theirs-1")["code"], "conversation_open");
    assert!(troubles(&desk).contains("conversation_open"));

    // The business has no such account.
    super::apart(|| {
        let desk = over();
        desk.tell(begins(&desk, "theirs-1", "sms", "By SMS"));
        desk.settle();
        assert_eq!(told(&desk, "theirs-1")["code"], "no_account");
        assert!(troubles(&desk).contains("no_account"), "{:?}", desk.jobs());
    });

    // Kustomer's chat leads to no channel of ours before the customer has written.
    super::apart(|| {
        let desk = over();
        desk.tell(begins(&desk, "theirs-1", "chat", "In chat"));
        desk.settle();
        assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 0);
        assert!(troubles(&desk).contains("no_channel"));
    });
}

#[test]
fn what_kustomer_sends_itself_and_what_is_old_begins_nothing() {
    let desk = over();
    let mut mailed = begins(&desk, "theirs-1", "email", "A mail");
    mailed["attributes"]["app"] = json!("postmark");
    desk.tell(mailed);
    let old = begins(&desk, "theirs-2", "whatsapp", "Too late");
    desk.stack.advance(2 * 3600 * SECOND);
    let now = desk.stack.now().micros();
    desk.stack
        .db
        .sql(&format!("UPDATE integrations SET reconciled_to = {now}"));
    desk.tell(old);
    desk.settle();
    assert_eq!(desk.count("conversations WHERE status = 'open'"), 0);
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 0);
    assert_eq!(troubles(&desk), "");
}
