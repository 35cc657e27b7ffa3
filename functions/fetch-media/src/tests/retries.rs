use super::{Inbox, JPEG, LOOKASIDE, Outcome, SECOND, address, fetch, gives};
use common::db::DbError;
use serde_json::json;
use testkit::{Failure, answer, refused, timed_out};

#[test]
fn what_does_not_come_is_tried_later_and_later_and_fails_in_the_end() {
    let inbox = Inbox::new();
    for delay in [5, 30, 120, 600, 3600, 21_600] {
        inbox.will([answer(500, &json!({}))]);
        inbox.fetch();
        let (state, _, due) = inbox.row();
        assert_eq!((state.as_str(), due), ("pending", Some(delay)));
        let delay = u32::try_from(delay).unwrap();
        assert_eq!(inbox.wakes(), [(inbox.message(), delay)]);
        assert!(inbox.events().is_empty());
        inbox.stack.advance(i64::from(delay) * SECOND);
    }
    inbox.will([answer(500, &json!({}))]);
    inbox.fetch();
    let (state, error, due) = inbox.row();
    assert_eq!((state.as_str(), due), ("failed", None));
    assert_eq!(error, "The provider answered with status 500 (code 0).");
    assert_eq!(inbox.events().len(), 1);
}

#[test]
fn every_trouble_has_a_reason_for_people() {
    let dead = answer(400, &json!({ "error": { "code": 190 } }));
    let cases: [(Vec<Outcome>, &str); 6] = [
        (vec![dead], "token is dead"),
        (vec![refused()], "did not answer"),
        (vec![answer(200, &json!({ "id": 1 }))], "cannot be read"),
        (
            vec![address(LOOKASIDE, JPEG), timed_out()],
            "did not give the bytes",
        ),
        (
            vec![address(LOOKASIDE, JPEG), gives(403, b"")],
            "refused the account's token",
        ),
        (
            vec![address(LOOKASIDE, JPEG), gives(503, b"")],
            "status 503",
        ),
    ];
    for (outcomes, reason) in cases {
        let inbox = Inbox::new();
        inbox.will(outcomes);
        inbox.fetch();
        let (state, error, due) = inbox.row();
        assert_eq!((state.as_str(), due), ("pending", Some(5)), "{reason}");
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_retry_that_succeeds_leaves_no_error() {
    let inbox = Inbox::new();
    inbox.will([refused(), address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    inbox.fetch();
    assert_eq!(
        inbox.requests_made().len(),
        1,
        "it is not due before its time"
    );
    inbox.stack.advance(5 * SECOND);
    inbox.fetch();
    assert_eq!(inbox.row(), ("ready".into(), String::new(), None));
}

#[test]
fn while_one_fetches_no_other_does() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG)]);
    let (stack, message) = (inbox.stack.clone(), inbox.message());
    inbox.stack.ports.respond(move |_| {
        stack.job(&message, fetch);
        Some(gives(200, JPEG))
    });
    inbox.fetch();
    assert_eq!(
        (inbox.state().as_str(), inbox.requests_made().len()),
        ("ready", 2)
    );
}

#[test]
fn what_a_job_that_was_cut_off_had_claimed_is_due_again_after_a_minute() {
    let inbox = Inbox::new();
    let claim = "UPDATE attachments SET tries = 1, due_at = due_at + 60000000";
    inbox.stack.db.sql(claim);
    inbox.fetch();
    assert!(inbox.requests_made().is_empty());
    inbox.stack.advance(60 * SECOND);
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
}

#[test]
fn a_database_that_fails_after_the_bytes_came_loses_nothing() {
    for failure in [Failure::Before, Failure::After] {
        let inbox = Inbox::new();
        let both = || [address(LOOKASIDE, JPEG), gives(200, JPEG)];
        inbox.will(both());
        let stack = inbox.stack.clone();
        let outage = DbError::Outage("Network connection lost".into());
        // Scripted when the bytes are asked for: the claim has succeeded by then.
        inbox.stack.ports.answers.borrow_mut().pop_back();
        inbox.stack.ports.respond(move |_| {
            stack.db.fail(failure(outage.clone()));
            Some(gives(200, JPEG))
        });
        let log = inbox.fetch();
        assert_eq!(log["code"], "unavailable");
        inbox.stack.ports.respond(|_| None);
        inbox.stack.advance(60 * SECOND);
        inbox.will(both());
        inbox.fetch();
        assert_eq!(inbox.state(), "ready");
        assert_eq!(inbox.events().len(), 1);
    }
}

#[test]
fn kv_that_fails_is_tried_later() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.stack.ports.blobs_are_down.set(true);
    inbox.fetch();
    assert_eq!(inbox.row().1, "The bytes could not be stored.");
    assert_eq!(inbox.state(), "pending");
}

#[test]
fn an_account_that_is_gone_or_cannot_be_opened_is_not_asked_for() {
    let inbox = Inbox::new();
    inbox
        .stack
        .db
        .sql("UPDATE channels SET deleted_at = 1, credentials = NULL");
    inbox.fetch();
    assert_eq!(inbox.row().1, "The account is no longer connected.");
    assert_eq!(inbox.state(), "failed");
    let inbox = Inbox::new();
    let key = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    inbox.stack.ports.set("MASTER_KEY", key);
    inbox.fetch();
    assert_eq!(inbox.row().1, "The account's secrets cannot be opened.");
    assert_eq!(inbox.state(), "pending");
    assert!(inbox.requests_made().is_empty());
}

#[test]
fn what_never_comes_to_an_end_is_given_up() {
    let inbox = Inbox::new();
    inbox.stack.db.sql("UPDATE attachments SET tries = 12");
    inbox.fetch();
    assert_eq!(
        (inbox.state().as_str(), inbox.requests_made().len()),
        ("failed", 0)
    );
}
