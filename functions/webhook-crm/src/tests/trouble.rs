use super::{Desk, reply};
use common::db::DbError;
use testkit::Failure;

fn outage() -> DbError {
    DbError::Outage("away".into())
}

#[test]
fn with_the_database_away_kustomer_is_to_send_it_again() {
    for calls in 0..3 {
        let desk = Desk::new();
        desk.stack.db.fail_after(calls, Failure::Before(outage()));
        let answer = desk.event(&reply("e1", "m1"));
        assert_eq!(answer.refusal(), (503, "unavailable"), "{calls}");
        assert!(answer.header("retry-after").is_some());
        assert_eq!((desk.count("crm_jobs"), desk.wakes().len()), (0, 0));
        assert_eq!(desk.event(&reply("e1", "m1")).status, 200);
        assert_eq!((desk.keys().len(), desk.wakes().len()), (1, 1));
    }
}

#[test]
fn an_answer_of_the_database_that_was_lost_makes_nothing_twice() {
    let desk = Desk::new();
    desk.stack.db.fail_after(2, Failure::After(outage()));
    let answer = desk.event(&reply("e1", "m1"));
    assert_eq!(answer.refusal(), (503, "unavailable"));
    assert_eq!((desk.keys().len(), desk.wakes().len()), (1, 0));
    assert_eq!(desk.event(&reply("e1", "m1")).status, 200);
    assert_eq!((desk.keys().len(), desk.wakes().len()), (1, 1));
}

#[test]
fn a_connection_whose_secrets_cannot_be_opened_trusts_nobody() {
    let desk = Desk::new();
    for sealed in ["'nonsense'", "NULL", "''"] {
        desk.stack
            .db
            .sql(&format!("UPDATE integrations SET credentials = {sealed}"));
        let answer = desk.event(&reply("e1", "m1"));
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{sealed}");
    }
}

#[test]
fn a_log_line_says_nothing_of_anybody() {
    let desk = Desk::new();
    for answer in [desk.event(&reply("e1", "m1")), desk.post(b"{}", None)] {
        let line = answer.log.to_string();
        for secret in ["Hello", "k1", "token", "acme"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
