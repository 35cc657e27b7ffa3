//! How often, and for whom.

use super::{AOIFE, COMPLETIONS, Desk, MINUTE, SECOND, completion, requests};
use auto_reply::handler::handle;
use common::Context;
use common::signatures::hmac_sha256;
use serde_json::json;
use testkit::{APP_SECRET, Stack};

#[test]
fn whatever_is_delivered_again_a_message_is_replied_to_once() {
    let desk = Desk::new();
    desk.answers(AOIFE, "Where is my order?", "On its way.");
    let message = format!(
        "{} {}",
        desk.tenant().business_id,
        desk.text_in("SELECT id FROM conversations")
    );
    for _ in 0..2 {
        desk.stack().job(&message, handle);
        desk.stack().advance(MINUTE);
        desk.stack().job("", auto_reply::handler::each_minute);
        desk.reply();
    }
    // Its event, too.
    desk.stack().db.sql("UPDATE businesses SET fanned_out = 0");
    desk.work();
    let (asked, sent) = requests(&desk);
    assert_eq!((asked.len(), sent.len()), (1, 1));
    assert_eq!(desk.outcomes(), "sent");
}

#[test]
fn a_burst_is_replied_to_once_with_all_of_it_known() {
    let desk = Desk::new();
    for text in ["Hello", "I have a question", "Where is my order?"] {
        desk.writes(AOIFE, text);
        desk.fan_out();
        desk.stack().advance(3 * SECOND);
        assert_eq!(desk.reply(), [5]);
    }
    desk.stack().advance(2 * SECOND);
    desk.will_say("On its way.");
    desk.will_send();
    desk.stack().job("", auto_reply::handler::each_minute);
    assert_eq!(desk.reply(), [0]);
    let (asked, sent) = requests(&desk);
    assert_eq!((asked.len(), sent.len()), (1, 1));
    let told = asked[0]["messages"][1]["content"].as_str().unwrap();
    assert!(told.contains("I have a question") && told.contains("Where is my order?"));
    assert_eq!(
        desk.outcomes(),
        "skipped overtaken, skipped overtaken, sent"
    );
}

#[test]
fn what_comes_while_the_model_writes_is_replied_to_instead() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.links
        .serve_json(COMPLETIONS, &completion("On its way."));
    let links = desk.links.clone();
    let delivery = Stack::whatsapp_delivery(
        &desk.account,
        "wamid.late",
        AOIFE,
        "And when will it be here?",
    );
    desk.links.meanwhile(COMPLETIONS, move || {
        let stack = &links.stack;
        let mut delivery = delivery.clone();
        delivery["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] =
            json!((stack.now().micros() / SECOND).to_string());
        let body = delivery.to_string();
        let signature = hmac_sha256(APP_SECRET.as_bytes(), body.as_bytes());
        stack.job("", async |cx: &Context<'_>, _: &str| {
            webhook_meta::handler::receive(cx, &signature, body.as_bytes()).await?;
            Ok(())
        });
    });
    desk.work();
    assert_eq!(desk.outcomes(), "skipped overtaken");
    desk.will_say("On Monday.");
    desk.will_send();
    desk.work();
    assert_eq!(requests(&desk).1, ["On Monday."]);
    assert_eq!(desk.outcomes(), "skipped overtaken, sent");
}

#[test]
fn a_business_that_does_not_want_it_pays_nothing() {
    let desk = Desk::off();
    desk.writes(AOIFE, "Where is my order?");
    let before = desk.stack().db.calls();
    desk.work();
    assert_eq!(desk.stack().db.calls() - before, 2);
    assert_eq!(desk.value("SELECT count(*) FROM auto_replies"), 0.into());
    // On another channel than those that are on, and of what was written before.
    for channel in ["sms", "whatsapp"] {
        desk.stack().advance(SECOND);
        desk.set(&json!({ "auto_reply": { channel: true } }));
        desk.stack().db.sql("UPDATE businesses SET fanned_out = 0");
        desk.work();
        assert_eq!(
            desk.value("SELECT count(*) FROM auto_replies"),
            0.into(),
            "{channel}"
        );
    }
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn what_is_settled_is_forgotten_after_thirty_days() {
    let desk = Desk::new();
    desk.answers(AOIFE, "Where is my order?", "On its way.");
    desk.stack().advance(31 * 24 * 60 * MINUTE);
    desk.stack().job("", auto_reply::handler::each_minute);
    assert_eq!(desk.value("SELECT count(*) FROM auto_replies"), 0.into());
}
