use super::{Desk, JOE, NUMBER, handle};
use common::db::DbError;
use common::time::SECOND;
use serde_json::Value;
use testkit::Failure;
use webhook_twilio::handler::resume_all;

fn outage() -> DbError {
    DbError::Outage("away".into())
}

#[test]
fn with_the_database_away_a_verified_delivery_is_kept_and_taken_in_later() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.db.fail(Failure::Before(outage()));
    let answer = desk.text("SM1", JOE, "STOP");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "<Response/>")
    );
    assert_eq!((desk.count("messages"), desk.count("opt_outs")), (1, 0));
    desk.stack.advance(60);
    desk.text("SM2", JOE, "START");
    desk.stack.job("", resume_all);
    let contents = "SELECT content FROM messages ORDER BY created_at";
    assert_eq!(desk.texts(contents), ["warm", "START", "STOP"]);
    // The word that came later counts, though it was taken in before.
    assert_eq!(desk.texts("SELECT is_out FROM opt_outs"), ["Integer(0)"]);
    assert!(desk.stack.ports.blobs.borrow().is_empty());
    desk.stack.job("", resume_all);
    assert_eq!(desk.count("messages"), 3);
}

#[test]
fn a_status_that_was_kept_still_names_its_message() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.db.fail(Failure::Before(outage()));
    let id = "01900000-0000-7000-8000-0000000000aa";
    let params = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "delivered"),
        ("To", JOE),
        ("From", NUMBER),
    ];
    let query = format!("?message_id={id}");
    let answer = desk.stack.twilio(&desk.channel_id, &query, &params);
    assert_eq!(answer.send(handle).status, 200);
    desk.stack.db.sql(&format!(
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, content, status, updated_at)
         SELECT business_id, created_at + 1, '{id}', conversation_id, customer_id, channel_id,
           channel, 'outbound', 'text', 'Yes', 'uncertain', 0 FROM messages"
    ));
    desk.stack.job("", resume_all);
    let status = "SELECT status FROM messages WHERE direction = 'outbound'";
    assert_eq!(desk.texts(status), ["delivered"]);
}

#[test]
fn an_answer_of_the_database_that_was_lost_makes_nothing_twice() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.db.fail(Failure::After(outage()));
    assert_eq!(desk.text("SM1", JOE, "Hi").status, 200);
    desk.stack.job("", resume_all);
    assert_eq!(
        (desk.count("messages"), desk.count("conversations")),
        (2, 1)
    );
}

#[test]
fn with_nothing_there_to_keep_it_twilio_is_told_to_come_again() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.ports.blobs_are_down.set(true);
    desk.stack.db.fail(Failure::Before(outage()));
    assert_eq!(desk.text("SM1", JOE, "Hi").status, 503);
}

#[test]
fn what_was_parked_for_an_account_that_is_gone_holds_nothing_back() {
    let desk = Desk::new();
    let blobs = &desk.stack.ports.blobs;
    let parked = b"1 -\nMessageSid=SM1&From=%2B1&Body=Hi".to_vec();
    let gone = "inbound/twilio/01900000-0000-7000-8000-000000000001/a".to_owned();
    blobs.borrow_mut().insert(gone, parked.clone());
    let ours = format!("inbound/twilio/{}/b", desk.channel_id);
    blobs.borrow_mut().insert(ours, parked);
    let log = desk.stack.job("", resume_all);
    assert_eq!(desk.count("messages"), 1);
    assert_eq!(blobs.borrow().len(), 1);
    assert!(log["note"].as_str().unwrap().contains("failed, try 1"));
    assert_eq!(log["code"], Value::Null);
}

#[test]
fn an_account_disabled_meanwhile_loses_nothing_that_was_acknowledged() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.db.fail(Failure::Before(outage()));
    assert_eq!(desk.text("SM1", JOE, "Hi").status, 200);
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.advance(60 * SECOND);
    desk.stack.job("", resume_all);
    assert_eq!(desk.count("messages"), 2);
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn a_number_that_is_not_the_accounts_gets_nothing() {
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE channels SET verification = 'pending'");
    assert_eq!(desk.text("SM1", JOE, "Hi").status, 404);
    let owner = desk.stack.tenant("The owner");
    let theirs = desk.stack.sms(&owner, NUMBER, &serde_json::json!({}));
    let params = [
        ("MessageSid", "SM1"),
        ("From", JOE),
        ("To", NUMBER),
        ("Body", "Hi"),
    ];
    assert_eq!(
        desk.stack.twilio(&theirs, "", &params).send(handle).status,
        200
    );
    assert_eq!(desk.count("messages"), 1);
}

#[test]
fn an_outage_that_outlasts_the_trust_in_an_account_parks_what_it_signs() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.advance(3600 * SECOND);
    for _ in 0..4 {
        desk.stack.db.fail(Failure::Before(outage()));
    }
    assert_eq!(desk.text("SM1", JOE, "Hello").status, 200);
    for _ in 0..4 {
        desk.stack.job("", resume_all);
    }
    assert_eq!(desk.count("messages"), 2);
}

#[test]
fn an_account_seen_to_be_disabled_is_not_taken_from_before_in_an_outage() {
    let desk = Desk::new();
    desk.text("SM0", JOE, "warm");
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.advance(31 * SECOND);
    assert_eq!(desk.text("SM1", JOE, "Hello").status, 404);
    desk.stack.db.fail(Failure::Before(outage()));
    assert_eq!(desk.text("SM2", JOE, "Hello").status, 503);
}
