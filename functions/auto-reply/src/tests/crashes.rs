//! Whatever fails, at most one reply goes out, and nobody waits for one that never comes.

use super::{AOIFE, Desk, MINUTE, requests};
use auto_reply::handler::{each_minute, handle};
use common::db::DbError;
use testkit::Failure;

/// The minutes go by, the model and Meta answer again, until all is settled.
fn recovers(desk: &Desk) {
    for _ in 0..8 {
        desk.will_say("On its way.");
        desk.will_send();
        desk.stack().advance(MINUTE);
        desk.stack().job("", each_minute);
        desk.reply();
        desk.stack().ports.answers.borrow_mut().clear();
    }
}

#[test]
fn whatever_call_fails_a_message_is_replied_to_once() {
    let outage = || DbError::Outage("Network connection lost".into());
    for n in 0..12 {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.writes(AOIFE, "Where is my order?");
            desk.fan_out();
            desk.stack().advance(5_000_000);
            desk.stack().db.fail_after(n, failure.clone());
            desk.will_say("On its way.");
            desk.will_send();
            for (message, _) in desk.stack().ports.take_wakes(common::ports::Queue::Replies) {
                desk.stack().job(&message, handle);
            }
            desk.stack().ports.answers.borrow_mut().clear();
            recovers(&desk);
            let (_, sent) = requests(&desk);
            assert_eq!(sent, ["On its way."], "call {n}, {failure:?}");
            assert_eq!(desk.outcomes(), "sent", "call {n}, {failure:?}");
        }
    }
}

#[test]
fn whatever_call_fails_a_conversation_is_handed_off_once() {
    let outage = || DbError::Outage("Network connection lost".into());
    for n in 0..10 {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.writes("353850000001", "Do you repair bicycles?");
            desk.fan_out();
            desk.stack().advance(5_000_000);
            desk.stack().db.fail_after(n, failure.clone());
            desk.will_send();
            for (message, _) in desk.stack().ports.take_wakes(common::ports::Queue::Replies) {
                desk.stack().job(&message, handle);
            }
            desk.stack().ports.answers.borrow_mut().clear();
            for _ in 0..4 {
                desk.will_send();
                desk.stack().advance(MINUTE);
                desk.stack().job("", each_minute);
                desk.reply();
                desk.stack().ports.answers.borrow_mut().clear();
            }
            let (asked, sent) = requests(&desk);
            assert_eq!((asked.len(), sent.len()), (0, 1), "call {n}, {failure:?}");
            assert_eq!(
                desk.outcomes(),
                "handed_off no_sources",
                "call {n}, {failure:?}"
            );
            assert_eq!(desk.value("SELECT count(*) FROM escalations"), 1.into());
        }
    }
}

#[test]
fn a_job_beside_another_does_nothing() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    desk.stack().advance(5_000_000);
    let wakes = desk.stack().ports.take_wakes(common::ports::Queue::Replies);
    let (stack, message) = (desk.stack().clone(), wakes[0].0.clone());
    desk.links
        .serve_json(super::COMPLETIONS, &super::completion("On its way."));
    let again = message.clone();
    desk.links.meanwhile(super::COMPLETIONS, move || {
        stack.job(&again, handle);
    });
    let links = desk.links.clone();
    let taken = serde_json::json!({ "messages": [{ "id": "wamid.out" }] });
    let place = format!("https://graph.facebook.com/v26.0/{}/messages", desk.account);
    links.serve_json(&place, &taken);
    desk.stack().job(&message, handle);
    let (asked, sent) = requests(&desk);
    assert_eq!((asked.len(), sent.len()), (1, 1));
}
