//! What is nobody's to reply to by itself.

use super::{AOIFE, BRIAN, Desk, MINUTE, SECOND, requests};
use common::Context;
use common::ids::ConversationId;
use messaging::messages::send::{OutboundReply, send_reply};
use serde_json::json;

/// Has something said in the conversation, by an author or by a program of the business.
fn said(desk: &Desk, author: Option<&str>) {
    let id = desk.text_in("SELECT id FROM conversations");
    desk.will_send();
    desk.stack().job("", async |cx: &Context<'_>, _: &str| {
        let reply = OutboundReply {
            text: "Hello from us".into(),
            author: author.map(|id| (id.to_owned(), "Ann".to_owned())),
            ..OutboundReply::new(
                ConversationId::unchecked(id.as_str()),
                format!("test:{}", desk.sent.get()),
            )
        };
        send_reply(&cx.of_business(&desk.tenant().business_id), &reply).await?;
        Ok(())
    });
    desk.stack().ports.take_requests();
}

#[test]
fn a_conversation_that_a_person_has_is_left_to_them() {
    for (case, sql) in [
        ("assigned", "UPDATE conversations SET assignee = 'Ann'"),
        (
            "handed off",
            "INSERT INTO escalations (business_id, id, conversation_id, source, priority, created_at)
             SELECT business_id, 'e', id, 'api', 'high', created_at FROM conversations",
        ),
    ] {
        let desk = Desk::new();
        desk.writes(AOIFE, "Where is my order?");
        desk.stack().db.sql(sql);
        desk.work();
        assert_eq!(desk.outcomes(), "skipped with_person", "{case}");
        assert!(desk.stack().ports.take_requests().is_empty(), "{case}");
    }
    let desk = Desk::new();
    desk.answers(AOIFE, "Hello", "Hello.");
    said(&desk, Some("kustomer:7"));
    desk.stack().advance(23 * 60 * MINUTE);
    desk.writes(AOIFE, "Where is my order?");
    desk.work();
    assert_eq!(desk.outcomes(), "sent, skipped with_person");
    desk.stack().advance(61 * MINUTE);
    desk.answers(AOIFE, "And now?", "On its way.");
    assert_eq!(desk.outcomes(), "sent, skipped with_person, sent");
}

#[test]
fn what_was_typed_in_the_providers_own_app_is_of_a_person_and_what_a_program_sends_is_not() {
    let desk = Desk::new();
    desk.answers(AOIFE, "Hello", "Hello.");
    said(&desk, None);
    desk.answers(AOIFE, "Where is my order?", "On its way.");
    assert_eq!(desk.outcomes(), "sent, sent");
    // As an echo is stored: without a row of what we send.
    said(&desk, None);
    desk.stack().db.sql(
        "DELETE FROM sends WHERE message_id = (SELECT id FROM messages WHERE direction = 'outbound'
           ORDER BY created_at DESC LIMIT 1)",
    );
    desk.stack()
        .db
        .sql("UPDATE sends SET idempotency_key = NULL");
    desk.writes(AOIFE, "When?");
    desk.work();
    assert_eq!(desk.outcomes(), "sent, sent, skipped with_person");
}

#[test]
fn what_somebody_answered_meanwhile_is_answered() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    said(&desk, None);
    desk.work();
    assert_eq!(desk.outcomes(), "skipped answered");
    // Also while the model writes.
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.links
        .serve_json(super::COMPLETIONS, &super::completion("On its way."));
    let stack = desk.stack().clone();
    desk.links.meanwhile(super::COMPLETIONS, move || {
        stack.db.sql("UPDATE conversations SET assignee = 'Ann'");
    });
    desk.work();
    assert_eq!(desk.outcomes(), "skipped overtaken");
    assert!(requests(&desk).1.is_empty());
}

#[test]
fn mails_of_programs_and_of_whom_nobody_proves_are_left_to_people() {
    for (detail, outcome) in [
        (
            json!({ "sender_verified": "pass", "auto_submitted": true }),
            "skipped automatic",
        ),
        (
            json!({ "sender_verified": "none" }),
            "skipped unverified_sender",
        ),
        (
            json!({ "sender_verified": "fail" }),
            "skipped unverified_sender",
        ),
        (json!({}), "skipped unverified_sender"),
        (
            json!({ "sender_verified": "pass", "participant": "other" }),
            "skipped unverified_sender",
        ),
        (
            json!({ "sender_verified": "pass", "participant": "customer" }),
            "sent",
        ),
    ] {
        let desk = Desk::new();
        desk.writes(AOIFE, "Where is my order?");
        desk.stack().db.sql(&format!(
            "UPDATE messages SET type = 'email', detail = '{detail}'"
        ));
        desk.will_say("On its way.");
        desk.will_send();
        desk.work();
        assert_eq!(desk.outcomes(), outcome, "{detail}");
    }
}

#[test]
fn reactions_old_messages_and_what_we_sent_ourselves_wait_for_no_reply() {
    let desk = Desk::new();
    let now = desk.stack().now().micros();
    let text = json!({ "type": "text", "text": { "body": "Where is my order?" } });
    desk.receives(AOIFE, &text, now - 11 * MINUTE);
    desk.work();
    assert_eq!(
        desk.value("SELECT count(*) FROM auto_replies"),
        0.into(),
        "as an import"
    );
    desk.stack()
        .db
        .sql("UPDATE messages SET direction = 'outbound'");
    desk.stack().db.sql("UPDATE messages SET sent_at = NULL");
    desk.stack().db.sql("UPDATE businesses SET fanned_out = 0");
    desk.work();
    assert_eq!(
        desk.value("SELECT count(*) FROM auto_replies"),
        0.into(),
        "an echo"
    );
    desk.stack()
        .db
        .sql("UPDATE messages SET direction = 'inbound', type = 'reaction'");
    desk.stack().db.sql("UPDATE businesses SET fanned_out = 0");
    desk.work();
    assert_eq!(
        desk.value("SELECT count(*) FROM auto_replies"),
        0.into(),
        "a reaction"
    );
    // What could not be handed out for long.
    desk.writes(AOIFE, "Where is my order?");
    desk.stack().advance(11 * MINUTE);
    desk.work();
    assert_eq!(
        desk.value("SELECT count(*) FROM auto_replies"),
        0.into(),
        "late"
    );
}

#[test]
fn a_channel_that_was_switched_off_meanwhile_is_off() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    desk.set(&json!({ "auto_reply": { "sms": true } }));
    desk.stack().advance(5 * SECOND);
    desk.reply();
    assert_eq!(desk.outcomes(), "skipped off");
    // What was on goes on since then; what was off before begins now.
    let on = |channels: &serde_json::Value| desk.set(&json!({ "auto_reply": channels }));
    on(&json!({ "whatsapp": true, "sms": true }));
    let since = |kind: &str| {
        desk.value(&format!(
            "SELECT auto_reply ->> '{kind}' FROM reply_settings"
        ))
    };
    let (whatsapp, sms) = (since("whatsapp"), since("sms"));
    desk.stack().advance(SECOND);
    on(&json!({ "whatsapp": true, "messenger": true, "sms": false }));
    assert_eq!(since("whatsapp"), whatsapp);
    assert!(since("facebook").as_integer() > sms.as_integer());
    assert_eq!(since("sms"), common::db::Value::Null);
}

#[test]
fn a_conversation_that_was_closed_or_erased_meanwhile_is_over() {
    for sql in [
        "UPDATE conversations SET status = 'closed', closed_at = created_at",
        "UPDATE customers SET erased_at = 1",
        "DELETE FROM messages",
    ] {
        let desk = Desk::new();
        desk.writes(AOIFE, "Where is my order?");
        desk.fan_out();
        desk.stack().db.sql(sql);
        desk.work();
        assert_eq!(desk.outcomes(), "skipped closed", "{sql}");
        assert!(desk.stack().ports.take_requests().is_empty());
    }
}

#[test]
fn what_is_in_another_conversation_is_of_that_one() {
    let desk = Desk::new();
    desk.answers(BRIAN, "Hello", "Hello.");
    let brians = desk.text_in("SELECT id FROM conversations");
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    desk.stack().advance(SECOND);
    // A file, a message of a person and a reply from before, an escalation, and somebody whose it is.
    let photo = json!({ "type": "image", "image": { "id": "1", "mime_type": "image/png" } });
    desk.receives(BRIAN, &photo, desk.stack().now().micros());
    for sql in [
        format!("UPDATE conversations SET assignee = 'Ann', status = 'closed' WHERE id = '{brians}'"),
        format!(
            "INSERT INTO escalations (business_id, id, conversation_id, source, priority, created_at)
             SELECT business_id, 'e', id, 'api', 'high', {} FROM conversations WHERE id = '{brians}'",
            desk.stack().now().micros(),
        ),
        format!(
            "UPDATE messages SET created_at = {}, detail = json_set(detail, '$.author.id', 'kustomer:7')
             WHERE conversation_id = '{brians}' AND direction = 'outbound'",
            desk.stack().now().micros() + 7,
        ),
    ] {
        desk.stack().db.sql(&sql);
    }
    desk.will_say("On its way.");
    desk.will_send();
    desk.stack().advance(5 * SECOND);
    desk.reply();
    let of_aoife = desk.text_in(&format!(
        "SELECT state || coalesce(' ' || reason, '') FROM auto_replies WHERE conversation_id <> '{brians}'"
    ));
    assert_eq!(of_aoife, "sent");
    assert_eq!(
        requests(&desk).1.last().map(String::as_str),
        Some("On its way.")
    );
    let of_brian = desk.text_in(&format!(
        "SELECT state FROM auto_replies WHERE conversation_id = '{brians}' ORDER BY written_at DESC LIMIT 1"
    ));
    assert_ne!(of_brian, "skipped", "it is his conversation's to decide");
}
