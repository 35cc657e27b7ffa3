//! Requests that meet others, or a database that fails.

use super::{count, details, john, sync};
use serde_json::json;
use testkit::{Failure, Stack, Tenant};

#[test]
fn a_request_that_loses_the_race_reads_again_and_makes_no_second_customer() {
    let (stack, tenant) = Stack::with_tenant();
    let (other_stack, other_tenant) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        sync(&other_stack, &other_tenant, json!([john()]));
    });
    let answer = sync(&stack, &tenant, json!([john()]));
    assert_eq!(details(&answer)[0]["action"], "updated");
    assert_eq!(details(&answer)[0]["changed"], false);
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM stale_writes"), 0);
}

/// Lets another write the customer before each of the next batches.
fn others_come_first(stack: &Stack, tenant: &Tenant, times: u32) {
    let (others, other) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        let notes = format!("theirs {times}");
        let record = json!([{ "external_id": "CRM-12345", "notes": notes }]);
        sync(&others, &other, record);
        if times > 1 {
            others_come_first(&others, &other, times - 1);
        }
    });
}

#[test]
fn who_loses_many_races_waits_between_them_and_wins() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let before = stack.now();
    others_come_first(&stack, &tenant, 11);
    let ours = json!([{ "external_id": "CRM-12345", "address": "ours" }]);
    let answer = sync(&stack, &tenant, ours);
    assert_eq!(details(&answer)[0]["action"], "updated");
    let row = stack.db.sql("SELECT notes, address FROM customers");
    assert_eq!(row, [["theirs 1".into(), "ours".into()]]);
    let waited = stack.now().micros() - before.micros();
    assert!((11_000..4_000_000).contains(&waited), "{waited}");
}

#[test]
fn a_race_lost_for_good_is_logged_as_one_and_is_no_error() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    others_come_first(&stack, &tenant, 12);
    let ours = json!([{ "external_id": "CRM-12345", "address": "ours" }]);
    let answer = sync(&stack, &tenant, ours);
    assert_eq!(answer.refusal(), (503, "busy"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.log["level"], "warn");
    assert_eq!(answer.log["note"], "others came first 12 times");
}

#[test]
fn two_patches_of_one_customer_at_once_both_hold() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let (other_stack, other_tenant) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        sync(
            &other_stack,
            &other_tenant,
            json!([{ "external_id": "CRM-12345", "notes": "theirs" }]),
        );
    });
    sync(
        &stack,
        &tenant,
        json!([{ "external_id": "CRM-12345", "address": "ours" }]),
    );
    let row = stack.db.sql("SELECT notes, address FROM customers");
    assert_eq!(row, [["theirs".into(), "ours".into()]]);
}

#[test]
fn a_customer_erased_in_between_is_not_brought_back() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let other = stack.clone();
    stack.db.before_next_batch(move || {
        other.db.sql("DELETE FROM identities");
        other
            .db
            .sql("UPDATE customers SET erased_at = 1, name = NULL, revision = revision + 1");
    });
    let answer = sync(
        &stack,
        &tenant,
        json!([{ "external_id": "CRM-12345", "notes": "late" }]),
    );
    assert_eq!(
        details(&answer)[0]["action"],
        "failed",
        "there is nobody left to update"
    );
    assert_eq!(
        count(
            &stack,
            "SELECT count(*) FROM customers WHERE notes IS NOT NULL"
        ),
        0
    );
}

#[test]
fn a_database_that_is_away_is_503_and_one_that_is_broken_500_without_its_words() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let fail = |message: &str| {
        stack
            .db
            .fail(Failure::Before(common::db::DbError::from_message(message)));
        sync(&stack, &tenant, json!([{ "name": "x", "email": "x@b.ie" }]))
    };
    let away = fail("D1 DB is overloaded. Requests queued for too long.");
    assert_eq!(
        (away.refusal(), away.header("retry-after")),
        ((503, "unavailable"), Some("2"))
    );
    let broken = fail("no such column: secret_internals");
    assert_eq!(broken.refusal(), (500, "internal"));
    assert!(!broken.text().contains("secret_internals"));
    assert!(
        broken.log["cause"]
            .as_str()
            .unwrap()
            .contains("secret_internals")
    );
}
