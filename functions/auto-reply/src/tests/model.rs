//! A model that fails.

use super::{AOIFE, Desk, MINUTE, SECOND, completion, requests};
use auto_reply::MAX_TRIES;
use auto_reply::handler::handle;
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

fn last_failure(desk: &Desk) -> Value {
    desk.links.reply_settings("GET", &Value::Null).json["replies"]["last_failure"].clone()
}

#[test]
fn a_model_that_is_down_is_asked_again_within_two_minutes_and_then_a_person_replies() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order? It is A-77.");
    desk.fan_out();
    let begin = desk.stack().now().micros();
    let overloaded = json!({ "error": { "message": "Overloaded, you said A-77" } });
    for outcome in [
        answer(503, &overloaded),
        timed_out(),
        refused(),
        answer(503, &overloaded),
    ] {
        desk.stack().ports.will(outcome);
    }
    desk.will_send();
    let mut waited = Vec::new();
    while let Some((message, wait)) = desk.stack().ports.take_wakes(Queue::Replies).pop() {
        desk.stack().advance(i64::from(wait) * SECOND);
        waited.push(wait);
        desk.stack().job(&message, handle);
    }
    assert_eq!(waited, [5, 4, 16, 46]);
    assert_eq!(i64::try_from(waited.len()).unwrap(), MAX_TRIES);
    let (asked, sent) = requests(&desk);
    assert_eq!((asked.len(), sent.len()), (4, 1));
    assert!(desk.stack().now().micros() - begin < 2 * MINUTE);
    assert_eq!(desk.outcomes(), "handed_off model_failed");
    let reason = desk.handed_off();
    assert!(reason.contains("answered 503: Overloaded"), "{reason}");
    let failure = last_failure(&desk);
    assert_eq!(
        failure["message"], "The server that writes drafts answered 503.",
        "no words of customers"
    );
    assert!(failure["at"].is_string());
}

#[test]
fn a_model_that_comes_back_replies_and_is_well() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.stack().ports.will(timed_out());
    desk.work();
    assert_eq!(desk.outcomes(), "waiting");
    assert_ne!(last_failure(&desk), Value::Null);
    desk.stack().advance(4 * SECOND);
    desk.will_say("On its way.");
    desk.will_send();
    assert_eq!(desk.reply(), [4]);
    assert_eq!(desk.outcomes(), "sent");
    assert_eq!(last_failure(&desk), Value::Null);
}

#[test]
fn a_model_that_refuses_is_not_asked_again() {
    for (status, body, words) in [
        (
            401,
            json!({ "error": { "message": "Incorrect API key" } }),
            "401",
        ),
        (
            200,
            json!({ "choices": [{ "message": { "content": null, "refusal": "I cannot." } }] }),
            "declines",
        ),
    ] {
        let desk = Desk::new();
        desk.writes(AOIFE, "Where is my order?");
        desk.stack().ports.will(answer(status, &body));
        desk.will_send();
        desk.work();
        assert_eq!(desk.outcomes(), "handed_off model_failed");
        assert!(desk.handed_off().contains(words), "{}", desk.handed_off());
        assert_eq!(requests(&desk).0.len(), 1);
    }
}

#[test]
fn a_reply_that_breaks_off_is_not_sent() {
    let desk = Desk::new();
    let mut ended = completion("Your order is on");
    ended["choices"][0]["finish_reason"] = json!("length");
    desk.writes(AOIFE, "Where is my order?");
    desk.stack().ports.will(answer(200, &ended));
    desk.will_send();
    desk.work();
    assert_eq!(desk.outcomes(), "handed_off too_long");
    let desk = Desk::new();
    desk.answers(AOIFE, "Where is my order?", &"On its way. ".repeat(200));
    assert_eq!(desk.outcomes(), "handed_off too_long");
}
