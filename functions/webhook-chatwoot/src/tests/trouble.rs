use super::{Desk, Json, SECRET, ana, handle, message};
use common::db::DbError;
use common::time::SECOND;
use serde_json::json;
use testkit::Failure;
use webhook_chatwoot::handler::resume_all;

fn outage() -> DbError {
    DbError::Outage("away".into())
}

#[test]
fn with_the_database_away_a_verified_delivery_is_kept_and_taken_in_later() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "warm"));
    let contact = json!({ "event": "contact_created", "id": 47, "account": { "id": 1 } });
    for event in [&message(2, 130, &ana(), "Hi"), &contact] {
        desk.stack.db.fail(Failure::Before(outage()));
        let kept = json!({ "received": 0, "ignored": 0, "kept": true });
        assert_eq!(desk.told(event), kept);
    }
    assert_eq!((desk.count("messages"), desk.count("crm_jobs")), (1, 0));
    // Longer than a signature holds, and the account is not in use any more.
    desk.stack.advance(3600 * SECOND);
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.job("", resume_all);
    assert_eq!((desk.count("messages"), desk.count("crm_jobs")), (2, 1));
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn an_answer_of_the_database_that_was_lost_makes_nothing_twice() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "warm"));
    desk.stack.db.fail(Failure::After(outage()));
    desk.told(&message(2, 130, &ana(), "Hi"));
    desk.stack.job("", resume_all);
    assert_eq!(
        (desk.count("messages"), desk.count("conversations")),
        (2, 1)
    );
}

#[test]
fn with_nothing_there_to_keep_it_chatwoot_is_told_so() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "warm"));
    desk.stack.ports.blobs_are_down.set(true);
    desk.stack.db.fail(Failure::Before(outage()));
    assert_eq!(desk.deliver(&message(2, 130, &ana(), "Hi")).status, 503);
}

#[test]
fn nothing_forged_is_parked() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "warm"));
    let body = message(2, 130, &ana(), "Hi").to_string();
    desk.stack.db.fail(Failure::Before(outage()));
    let call = desk.signed(&desk.channel_id, "another", &body);
    assert!(matches!(call.send(handle).status, 401 | 503));
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn what_was_parked_for_an_account_that_is_gone_holds_nothing_back() {
    let desk = Desk::new();
    let gone = "inbound/chatwoot/01900000-0000-7000-8000-000000000001/a".to_owned();
    let ours = format!("inbound/chatwoot/{}/b", desk.channel_id);
    let body: Json = message(1, 130, &ana(), "Hi");
    for key in [gone, ours] {
        let mut blobs = desk.stack.ports.blobs.borrow_mut();
        blobs.insert(key, body.to_string().into_bytes());
    }
    desk.stack.job("", resume_all);
    assert_eq!(
        (
            desk.count("messages"),
            desk.stack.ports.blobs.borrow().len()
        ),
        (1, 1)
    );
}

#[test]
fn no_body_that_is_signed_breaks_the_receiver() {
    let desk = Desk::new();
    for odd in [
        json!({}),
        json!({ "event": "message_created", "id": "x", "message_type": "incoming", "conversation": { "id": 1 } }),
        json!({ "event": "message_updated", "id": 9, "message_type": "outgoing", "conversation": { "id": 1 } }),
        json!({ "event": "conversation_updated", "id": 9 }),
        json!({ "event": "contact_updated", "id": 9, "changed_attributes": [] }),
    ] {
        let answer = desk
            .signed(&desk.channel_id, SECRET, &odd.to_string())
            .send(handle);
        assert_eq!(answer.status, 200, "{odd}");
    }
}
