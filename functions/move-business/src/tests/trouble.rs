//! Moves that fail, are given up, or are cut off.

use super::{SECOND, ask, cron, drained, moved, rows, status, with_account, with_something};
use common::db::DbError;
use serde_json::{Value, json};
use testkit::Failure;

#[test]
fn an_address_that_is_there_already_ends_the_move_at_once() {
    let (stack, several, tenant) = with_something();
    several.for_new.set(Some(0));
    let other = stack.tenant("Other");
    several.all[0].sql(&format!(
        "INSERT INTO channels (business_id, id, kind, name, address, app_secret_id, created_at, updated_at, verification)
         VALUES ('{}', 'c', 'whatsapp', 'n', 'a', 's', 0, 0, 'verified')",
        other.business_id
    ));
    several.all[1]
        .sql("UPDATE channels SET address = 'a', app_secret_id = 's', verification = 'verified'");
    let before = rows(&several, 1, &tenant);
    drained(&stack, &tenant, 0);
    let answer = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert_eq!(status(&stack, &tenant)["database"], 1);
    assert_eq!(rows(&several, 1, &tenant), before);
}

#[test]
fn one_that_only_goes_on_does_not_begin_a_move_that_was_given_up() {
    let (stack, several, tenant) = with_something();
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    assert_eq!(ask(&stack, &tenant, &json!({"cancel": true})).status, 200);
    let answer = ask(&stack, &tenant, &json!({"to": 0, "continues": true}));
    assert_eq!(answer.json["move"], Value::Null, "{}", answer.text());
    assert_eq!(answer.json["database"], 1);
    assert!(several.all[1].sql("SELECT state FROM moves").is_empty());
}

#[test]
fn whatever_call_of_a_database_fails_the_move_goes_on() {
    let away = || DbError::Outage("away".into());
    let mut made = 0;
    for number in [0, 1] {
        for calls in 0..40 {
            for failure in [Failure::Before(away()), Failure::After(away())] {
                made += 1;
                let (stack, several, tenant) = with_account(&format!("10654035224{made:04}"));
                let before = rows(&several, 1, &tenant);
                drained(&stack, &tenant, 0);
                several.all[number].fail_after(calls, failure);
                let mut failed = 0;
                while ask(&stack, &tenant, &json!({"to": 0})).status == 503 {
                    failed += 1;
                    assert!(failed < 3);
                    // A call that was cut off keeps others away for half a minute.
                    stack.advance(31 * SECOND);
                }
                several.all[number].recover();
                moved(&stack, &tenant, 0);
                assert_eq!(rows(&several, 0, &tenant), before, "{number} {calls}");
                assert!(rows(&several, 1, &tenant).is_empty(), "{number} {calls}");
                let open = "SELECT business_id FROM moves WHERE progress <> ''";
                assert!(
                    several
                        .all
                        .iter()
                        .all(|database| database.sql(open).is_empty())
                );
            }
        }
    }
}

#[test]
fn the_cron_ends_a_move_that_nobody_asks_for_any_more() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    let log = cron(&stack);
    assert_eq!(log["code"], Value::Null, "{log}");
    assert_eq!(rows(&several, 1, &tenant), before);
    stack.advance(60 * SECOND);
    let log = cron(&stack);
    assert_eq!(log["code"], Value::Null, "{log}");
    assert_eq!(rows(&several, 0, &tenant), before);
    assert!(rows(&several, 1, &tenant).is_empty());
    assert_eq!(status(&stack, &tenant)["database"], 0);
}

#[test]
fn a_move_that_is_given_up_leaves_all_as_it_was() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    // While it drains, and in the middle of copying: the last tables cannot be written.
    for calls in [0, 6] {
        drained(&stack, &tenant, 0);
        if calls > 0 {
            several.all[0].fail_after(calls, Failure::Before(DbError::Outage("away".into())));
            assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
            assert!(!rows(&several, 0, &tenant).is_empty());
        }
        let cancelled = ask(&stack, &tenant, &json!({"cancel": true}));
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        assert_eq!(cancelled.json["database"], 1);
        assert_eq!(cancelled.json["move"], Value::Null);
        assert_eq!(rows(&several, 1, &tenant), before);
        assert!(rows(&several, 0, &tenant).is_empty());
        several.all[0].recover();
    }
    moved(&stack, &tenant, 0);
    assert_eq!(rows(&several, 0, &tenant), before);
}

#[test]
fn what_a_move_that_was_given_up_left_is_cleared_away_before_the_next_begins() {
    let (stack, several, tenant) = with_something();
    drained(&stack, &tenant, 0);
    several.all[0].fail_after(6, Failure::Before(DbError::Outage("away".into())));
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
    let begun = "DELETE FROM moves WHERE state = 'frozen'";
    several.all[1].sql(begun);
    assert!(!rows(&several, 0, &tenant).is_empty());
    let again = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(again.json["move"]["state"], "draining", "{}", again.text());
    assert!(rows(&several, 0, &tenant).is_empty());
    // The same where it had only just been expected there.
    several.all[1].sql("DELETE FROM moves");
    let again = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(again.json["move"]["state"], "draining", "{}", again.text());
    // Somebody clears it away although it has begun.
    several.all[0].sql("DELETE FROM moves");
    stack.advance(50 * SECOND);
    assert_eq!(
        ask(&stack, &tenant, &json!({"to": 0})).refusal(),
        (409, "conflict")
    );
    assert_eq!(moved(&stack, &tenant, 0)["database"], 0);
}

#[test]
fn a_copy_that_is_not_the_same_is_given_up() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    several.all[0].sql(
        "CREATE TRIGGER wrong AFTER INSERT ON messages BEGIN
           UPDATE messages SET content = 'changed' WHERE id = new.id; END",
    );
    several.all[1].sql(
        "CREATE TRIGGER wrong AFTER INSERT ON messages BEGIN
           UPDATE messages SET content = 'changed' WHERE id = old.id; END",
    );
    drained(&stack, &tenant, 0);
    let answer = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert!(answer.text().contains("messages"), "{}", answer.text());
    // It was compared before it was there.
    assert!(several.all[0].sql("SELECT id FROM messages").is_empty());
    assert_eq!(status(&stack, &tenant)["database"], 1);
    assert_eq!(rows(&several, 1, &tenant), before);
    assert_eq!(cron(&stack)["code"], Value::Null);
    assert!(rows(&several, 0, &tenant).is_empty());
}

#[test]
fn a_business_that_stays_closed_is_opened_again() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    drained(&stack, &tenant, 0);
    several.all[0].fail_after(6, Failure::Before(DbError::Outage("away".into())));
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
    assert_eq!(status(&stack, &tenant)["move"]["is_closed"], true);
    stack.advance(301 * SECOND);
    let log = cron(&stack);
    assert!(log["note"].as_str().unwrap().contains("given up"), "{log}");
    assert_eq!(status(&stack, &tenant)["move"], Value::Null);
    assert_eq!(rows(&several, 1, &tenant), before);
    assert!(rows(&several, 0, &tenant).is_empty());
}
