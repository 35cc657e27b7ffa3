//! What other functions say by it.

use super::*;
use common::db::DbError;
use common::ids::{ConversationId, MessageId};
use messaging::messages::send::{OutboundReply, SendResult, send_reply};
use std::cell::RefCell;
use testkit::Failure;

fn reply(key: &str) -> OutboundReply {
    OutboundReply {
        text: "Hello from the CRM".into(),
        ..OutboundReply::new(ConversationId::unchecked(CONVERSATION), key)
    }
}

impl Desk {
    fn send_reply(&self, reply: &OutboundReply) -> Result<SendResult, u16> {
        self.reply_for(&self.tenant, reply)
    }

    fn reply_for(&self, tenant: &Tenant, reply: &OutboundReply) -> Result<SendResult, u16> {
        let result = RefCell::new(None);
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let business = cx.of_business(&tenant.business_id);
            *result.borrow_mut() = Some(send_reply(&business, reply).await.map_err(|e| e.status()));
            Ok(())
        });
        result.into_inner().unwrap()
    }

    fn refusal(&self, reply: &OutboundReply) -> (String, String) {
        match self.send_reply(reply) {
            Ok(SendResult::Refused { code, message, .. }) => (code, message),
            other => panic!("{other:?}"),
        }
    }
}

fn status(result: &Result<SendResult, u16>) -> &str {
    match result {
        Ok(SendResult::Message { status, .. }) => status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_said_is_a_message_of_its_author_in_the_conversation() {
    let desk = Desk::new();
    let author = Some(("kustomer:7".to_owned(), "Ann \"A\"".to_owned()));
    let result = desk.send_reply(&OutboundReply {
        author,
        ..reply("kustomer:1")
    });
    assert_eq!(status(&result), "sent");
    let sent = desk.sent();
    assert_eq!(sent[0]["text"]["body"], "Hello from the CRM");
    let detail: Value = serde_json::from_str(&desk.text_in("SELECT detail FROM messages")).unwrap();
    assert_eq!(
        detail,
        json!({"author": {"id": "kustomer:7", "name": "Ann \"A\""}})
    );
    assert_eq!(
        desk.text_in("SELECT conversation_id FROM messages"),
        desk.conversation_id
    );
    assert!(!desk.stack.ports.take_wakes(Queue::Events).is_empty());
}

#[test]
fn the_same_key_says_it_once_however_long_ago_that_was() {
    let desk = Desk::new();
    let first = desk.send_reply(&reply("kustomer:1"));
    desk.stack.advance(20 * 24 * 3600 * SECOND);
    assert_eq!(desk.send_reply(&reply("kustomer:1")), first);
    assert_eq!(desk.sent().len(), 1);
    let (code, _) = desk.refusal(&reply("kustomer:2"));
    assert_eq!(code, "outside_window");
}

#[test]
fn a_public_key_is_never_one_of_these() {
    let desk = Desk::new();
    desk.send_reply(&reply("kustomer:1")).unwrap();
    for key in ["kustomer:1", "said", "saidkustomer:1"] {
        assert_eq!(desk.send_once(key, &desk.text()).status, 200, "{key}");
    }
    assert_eq!(desk.sent().len(), 4);
    let spaced = desk.send_once("said kustomer:1", &desk.text());
    assert_eq!(spaced.detail().0, "idempotency-key");
}

#[test]
fn what_is_refused_says_so_in_a_sentence() {
    let desk = Desk::new();
    let nowhere = OutboundReply {
        conversation_id: ConversationId::unchecked(desk.customer_id.clone()),
        ..reply("a")
    };
    assert_eq!(desk.refusal(&nowhere).0, "not_found");
    let long = OutboundReply {
        text: "x".repeat(5000),
        ..reply("a")
    };
    let (code, message) = desk.refusal(&long);
    assert_eq!(code, "invalid_request");
    assert!(message.contains("4096"), "{message}");
    let empty = OutboundReply {
        text: " ".into(),
        ..reply("a")
    };
    assert_eq!(desk.refusal(&empty).0, "invalid_request");
    let error = json!({"error": {"code": 131_047, "message": "Re-engagement message"}});
    desk.stack.ports.will(answer(400, &error));
    let Ok(SendResult::Refused {
        code, message_id, ..
    }) = desk.send_reply(&reply("b"))
    else {
        panic!("it was refused");
    };
    assert_eq!(code, "provider_rejected");
    let stored = desk.stack.db.value("SELECT id FROM messages").into_text();
    assert_eq!(message_id, stored.map(MessageId::unchecked));
    // And again: the refusal is told, not another try made.
    desk.stack.ports.take_requests();
    assert_eq!(desk.refusal(&reply("b")).0, "provider_rejected");
    assert!(desk.sent().is_empty());
}

#[test]
fn files_go_along() {
    let desk = Desk::new();
    let stored = desk.attachment(1, "image/png", 10);
    let files = OutboundReply {
        attachments: vec![stored, "https://files.example/a.pdf".into()],
        ..reply("a")
    };
    assert_eq!(status(&desk.send_reply(&files)), "sent");
    assert_eq!(desk.sent().len(), 2);
}

#[test]
fn another_business_says_nothing_here() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Another");
    let result = desk.reply_for(&other, &reply("a"));
    assert!(matches!(result, Ok(SendResult::Refused { code, .. }) if code == "not_found"));
    assert!(desk.sent().is_empty());
    // Keys are each business's own.
    assert_eq!(status(&desk.send_reply(&reply("a"))), "sent");
}

#[test]
fn whatever_call_fails_it_is_said_once_at_most() {
    let outage = || DbError::Outage("Network connection lost".into());
    // The conversation, what sending depends on, the write, the outcome.
    for n in 0..4 {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.stack.db.fail_after(n, failure.clone());
            let first = desk.send_reply(&reply("kustomer:1"));
            let before = desk.sent().len();
            let second = desk.send_reply(&reply("kustomer:1"));
            let sent = before + desk.sent().len();
            assert_eq!(sent, 1, "call {n}, {failure:?}: {first:?} {second:?}");
            assert!(first.is_ok() || first == Err(503), "{first:?}");
            assert!(
                matches!(second, Ok(SendResult::Message { .. })),
                "{second:?}"
            );
            let rows = desk.stack.db.value("SELECT count(*) FROM messages");
            assert_eq!(rows, Sql::Integer(1), "call {n}, {failure:?}");
        }
    }
}

#[test]
fn two_who_say_it_at_once_say_it_once() {
    let desk = Desk::new();
    let rival = Desk {
        stack: desk.stack.clone(),
        tenant: desk.tenant.clone(),
        channel_id: String::new(),
        customer_id: String::new(),
        conversation_id: String::new(),
    };
    let batches = desk.stack.clone();
    // Between the first one's reading and its writing.
    desk.stack.db.before_next_batch(move || {
        let db = batches.db.clone();
        db.before_next_batch(move || {
            rival.send_reply(&reply("kustomer:1")).unwrap();
        });
    });
    let result = desk.send_reply(&reply("kustomer:1"));
    assert!(
        matches!(result, Ok(SendResult::Message { .. })),
        "{result:?}"
    );
    assert_eq!(desk.sent().len(), 1);
}

#[test]
fn a_function_that_does_not_answer_is_told_as_such() {
    let desk = Desk::new();
    desk.stack.ports.services_are_down.set(true);
    assert_eq!(desk.send_reply(&reply("a")), Err(503));
}
