//! What of a conversation there is an agent's answer on our channel, and what is not.

use super::{Desk, SECOND};
use common::time::Timestamp;
use serde_json::{Value, json};
use testkit::answer;

fn sent(desk: &Desk) -> i64 {
    desk.count("messages WHERE direction = 'outbound'")
}

#[test]
fn only_what_an_agent_wrote_for_our_channel_is_sent() {
    let cases = [
        (
            "an agent's mail that was sent there",
            json!({"channel": "email", "app": "postmark"}),
        ),
        (
            "an SMS that was sent there",
            json!({"channel": "sms", "app": "twilio"}),
        ),
        (
            "our channel, sent there",
            json!({"channel": "whatsapp", "app": "twilio_whatsapp"}),
        ),
        ("a call", json!({"channel": "voice", "app": "aircall"})),
        ("an automatic reply", json!({"auto": true})),
        ("a survey", json!({"source": "satisfaction"})),
        ("a mailing", json!({"source": "bulk"})),
        (
            "an import",
            json!({"importedAt": "2026-01-01T00:00:00.000Z"}),
        ),
        ("of 2019", json!({"createdAt": "2019-05-01T00:00:00.000Z"})),
    ];
    let desk = Desk::begun().with_whatsapp();
    for (n, (_, attributes)) in cases.iter().enumerate() {
        let mut message = desk.written(&format!("theirs-{n}"), "Not for the customer");
        for (name, value) in attributes.as_object().unwrap() {
            message["attributes"][name] = value.clone();
        }
        desk.tell(message);
        desk.settle();
        assert_eq!(sent(&desk), 0, "{}", cases[n].0);
    }
    for author in [
        Value::Null,
        json!({"data": {"type": "user", "id": "machine-1"}}),
    ] {
        let mut message = desk.written(&format!("by-{author}"), "Not for the customer");
        message["relationships"]["createdBy"] = author;
        desk.tell(message);
        desk.settle();
        assert_eq!(sent(&desk), 0, "of nobody who is an agent");
    }
    desk.reply("theirs-real", "It is on its way.");
    desk.settle();
    assert_eq!(sent(&desk), 1);
}

#[test]
fn what_an_agent_writes_in_chat_is_sent_where_the_settings_name_it() {
    for (channels, expected) in [(json!(["chat"]), 1), (json!([]), 0)] {
        super::apart(|| {
            let desk = Desk::with(&json!({ "reply_channels": channels }));
            desk.receive("wamid.1", super::ADA, "Hello");
            desk.settle();
            let desk = desk.with_whatsapp();
            let mut message = desk.written("theirs-1", "An answer");
            message["attributes"]["channel"] = json!("chat");
            desk.tell(message);
            desk.settle();
            assert_eq!(sent(&desk), expected, "{channels}");
        });
    }
}

#[test]
fn chat_is_the_channel_of_a_conversation_that_the_crm_has_no_channel_of() {
    for (channel, skipped) in [("telegram", 0), ("whatsapp", 1)] {
        super::apart(|| {
            let desk = Desk::with(&json!({ "reply_channels": [] }));
            desk.receive("wamid.1", super::ADA, "Hello");
            desk.settle();
            let desk = desk.with_whatsapp();
            desk.stack
                .db
                .sql(&format!("UPDATE conversations SET channel = '{channel}'"));
            let mut message = desk.written("theirs-1", "An answer");
            message["attributes"]["channel"] = json!("chat");
            desk.tell(message);
            desk.settle();
            let why = "SELECT count(*) FROM crm_jobs WHERE error LIKE '%not for our channel%'";
            assert_eq!(desk.stack.db.value(why), skipped.into(), "{channel}");
        });
    }
}

#[test]
fn an_answer_that_waited_for_us_is_sent_and_one_that_is_told_too_late_is_not() {
    let desk = Desk::begun().with_whatsapp();
    let message = desk.written("theirs-1", "Told in time");
    desk.tell(message);
    desk.stack.advance(2 * 3600 * SECOND);
    let now = desk.stack.now().micros();
    desk.stack
        .db
        .sql(&format!("UPDATE integrations SET reconciled_to = {now}"));
    let mut late = desk.written("theirs-2", "Told too late");
    let then = Timestamp::from_micros(now - 5400 * SECOND);
    late["attributes"]["createdAt"] = json!(then.to_string());
    desk.tell(late);
    desk.settle();
    assert_eq!(desk.count("messages WHERE content = 'Told in time'"), 1);
    assert_eq!(desk.count("messages WHERE content = 'Told too late'"), 0);
}

#[test]
fn an_agents_files_are_stored_here_by_the_name_and_type_of_their_records() {
    let desk = Desk::begun();
    let (answering, clock) = (desk.there.clone(), desk.stack.clone());
    desk.stack.ports.respond(move |request| {
        if request.url.contains("kustomerapp.com") {
            return Some(answering.answer(request, clock.now().micros()));
        }
        if request.url.starts_with("https://files.example/") {
            let mut file = answer(200, &Value::Null).unwrap();
            file.body = b"%PDF-1.4 the bytes".to_vec();
            return Some(Ok(file));
        }
        let id = format!("wamid.out.{}", clock.ports.requests.borrow().len());
        Some(answer(
            200,
            &json!({"id": "media-1", "messages": [{"id": id}]}),
        ))
    });
    let file = "5f0000000000000000000099";
    let mut message = desk.written("theirs-1", "Your invoice");
    message["relationships"]["attachments"] = json!({"data": [
        {"type": "attachment", "id": file}, {"type": "attachment", "id": "5f00000000000000000000aa"}]});
    let record = json!({"type": "attachment", "id": file, "attributes": {"name": "Invoice 7.pdf",
        "contentType": "application/pdf", "contentLength": 18},
        "links": {"related": "https://files.example/9f2a?X-Amz-Expires=600"}});
    desk.there
        .0
        .borrow_mut()
        .records
        .extend([message.clone(), record]);
    desk.tell(message);
    desk.settle();
    let row = desk
        .stack
        .db
        .sql("SELECT filename, type, state FROM attachments");
    let row: Vec<_> = row[0].iter().filter_map(|value| value.as_text()).collect();
    assert_eq!(row, ["Invoice 7.pdf", "application/pdf", "ready"]);
    assert_eq!(desk.stack.ports.blobs.borrow().len(), 1);
    // The other is gone there, and the agent is told so.
    let remote = desk.there.all("message");
    let remote = remote.iter().find(|one| one["id"] == "theirs-1").unwrap();
    assert_eq!(remote["attributes"]["error"]["code"], "files_not_sent");
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 1);
}
