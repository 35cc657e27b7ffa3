//! What is old goes, a slice a minute.

use super::{DAY, Kept, MINUTE};
use common::ids::{Ids, lowest_id};
use common::time::Timestamp;
use serde_json::{Value, json};
use testkit::{CUSTOMER_ID, answer};

const HOOK: &str = "https://crm.example/hook";

/// A business with an endpoint that answers like this, and so many events that it was told of.
fn told(status: u16, events: usize) -> Kept {
    let kept = Kept::new();
    kept.stack.customer(&kept.tenant, "{}");
    kept.stack.endpoint(&kept.tenant, HOOK, &["*"]);
    kept.stack
        .ports
        .respond(move |_| Some(answer(status, &json!({}))));
    for _ in 0..events {
        kept.stack
            .happened(&kept.tenant, "customer.updated", CUSTOMER_ID, &Value::Null);
    }
    kept.stack.fan_out(&kept.tenant);
    kept.stack.deliver_now();
    kept
}

#[test]
fn deliveries_go_with_attempts_and_bodies_after_thirty_days() {
    let kept = told(404, 3);
    kept.stack.advance(29 * DAY);
    kept.sweep();
    assert_eq!(kept.count("deliveries"), 3);
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 3);
    kept.stack.advance(DAY);
    kept.sweep();
    for of in [
        "deliveries",
        "delivery_attempts",
        "outbox WHERE body IS NOT NULL",
    ] {
        assert_eq!(kept.count(of), 0, "{of}");
    }
    assert_eq!(kept.count("outbox"), 3);
}

#[test]
fn what_is_being_tried_stays_however_old_it_is() {
    let kept = told(404, 2);
    kept.stack.advance(31 * DAY);
    kept.stack.db.sql(
        "UPDATE deliveries SET status = 'pending' WHERE sequence = (SELECT min(sequence) FROM deliveries)",
    );
    kept.sweep();
    assert_eq!(kept.count("deliveries"), 1);
    assert_eq!(kept.count("delivery_attempts"), 1);
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 1);
}

#[test]
fn a_business_sets_how_long_its_own_deliveries_are_kept() {
    let kept = told(404, 1);
    let other = kept.stack.tenant("Other");
    kept.stack.endpoint(&other, HOOK, &["*"]);
    kept.put(&json!({ "deliveries_days": 3 }));
    kept.stack.db.sql(&format!(
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status,
           created_at, updated_at)
         SELECT '{}', id, endpoint_id, sequence, event, event_id, 'failed', created_at, updated_at
         FROM deliveries",
        other.business_id
    ));
    kept.stack.advance(4 * DAY);
    kept.sweep();
    let left = kept.stack.db.sql("SELECT business_id FROM deliveries");
    assert_eq!(left, [[other.business_id.as_str().into()]]);
}

/// So many old deliveries, each with an attempt, as rows alone.
fn old(kept: &Kept, count: i64) {
    let at = Timestamp::from_micros(kept.stack.now().micros() - 31 * DAY);
    let prefix = Ids::new(at, |bytes| bytes.fill(7)).shared_prefix();
    assert!(prefix > lowest_id(at));
    let business = &kept.tenant.business_id;
    let n = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < {count})"
    );
    kept.stack.db.sql(&format!(
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status,
           created_at, updated_at)
         {n} SELECT '{business}', '{prefix}' || printf('%04x', n), 'e', n, 'x', 'x', 'failed', 0, 0 FROM n"
    ));
    kept.stack.db.sql(
        "INSERT INTO delivery_attempts (business_id, delivery_id, number, at, duration_ms)
         SELECT business_id, id, 1, 0, 0 FROM deliveries",
    );
}

#[test]
fn a_minute_takes_a_slice_and_the_next_minute_goes_on() {
    let kept = Kept::new();
    old(&kept, 5000);
    let mut left = Vec::new();
    for _ in 0..4 {
        kept.minute();
        left.push(kept.count("deliveries"));
    }
    assert_eq!(left, [3000, 1000, 0, 0]);
    assert_eq!(kept.count("delivery_attempts"), 0);
    // A business that has nothing left rests.
    let due = kept
        .stack
        .db
        .value("SELECT sweep_at FROM businesses")
        .as_integer()
        .unwrap();
    assert!(due > kept.stack.now().micros() + 5 * MINUTE);
}

#[test]
fn a_minute_costs_two_calls_and_one_for_each_business_that_is_due() {
    let kept = Kept::new();
    for n in 0..30 {
        let _tenant = kept.stack.tenant(&format!("Business {n}"));
    }
    let calls = |kept: &Kept| {
        let before = kept.stack.db.calls();
        kept.minute();
        kept.stack.db.calls() - before
    };
    assert_eq!(calls(&kept), 22);
    assert_eq!(calls(&kept), 13);
    assert_eq!(calls(&kept), 2);
}

#[test]
fn a_business_whose_sweep_fails_does_not_hinder_the_others() {
    let kept = Kept::new();
    let other = kept.stack.tenant("Other");
    for business in [&kept.tenant.business_id, &other.business_id] {
        kept.stack.db.sql(&format!(
            "INSERT INTO idempotency (business_id, key, request_hash, claimed_at, expires_at)
             VALUES ('{business}', 'once', '', 0, 0)"
        ));
    }
    kept.stack.db.sql(&format!(
        "CREATE TRIGGER broken BEFORE DELETE ON idempotency WHEN old.business_id = '{}'
         BEGIN SELECT raise(FAIL, 'malformed'); END",
        kept.tenant.business_id
    ));
    kept.stack.advance(MINUTE);
    let log = kept.stack.job("", super::each_minute);
    assert_eq!(log["code"], "internal");
    let left = kept.stack.db.sql("SELECT business_id FROM idempotency");
    assert_eq!(left, [[kept.tenant.business_id.as_str().into()]]);
    let waiting = format!("businesses WHERE sweep_at <= {}", kept.stack.now().micros());
    assert_eq!(kept.count(&waiting), 0);
}

#[test]
fn stored_answers_go_after_a_day_though_nobody_calls() {
    let kept = Kept::new();
    kept.stack.db.sql(&format!(
        "INSERT INTO idempotency (business_id, key, request_hash, claimed_at, expires_at)
         VALUES ('{}', 'once', '', 0, {})",
        kept.tenant.business_id,
        kept.stack.now().micros() + DAY
    ));
    kept.sweep();
    assert_eq!(kept.count("idempotency"), 1);
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(kept.count("idempotency"), 0);
}

#[test]
fn the_audit_log_is_kept_for_a_year() {
    let kept = Kept::new();
    assert_eq!(kept.put(&json!({ "uploads_days": 3 })).status, 200);
    assert_eq!(kept.count("audit_log"), 2);
    kept.stack.advance(364 * DAY);
    kept.sweep();
    assert_eq!(kept.count("audit_log"), 2);
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(kept.count("audit_log"), 0);
}

#[test]
fn calls_are_kept_for_thirty_days_and_their_counts_by_day_for_ninety_two() {
    let kept = Kept::new();
    kept.put(&json!({ "uploads_days": 3 }));
    kept.stack.write_usage();
    let calls = kept.count("api_calls");
    assert!(calls > 0);
    kept.stack.advance(29 * DAY);
    kept.sweep();
    assert_eq!(kept.count("api_calls"), calls);
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(kept.count("api_calls"), 0);
    assert_eq!(kept.count("api_hours"), 0);
    assert_ne!(kept.count("api_usage"), 0);
    kept.stack.advance(61 * DAY);
    kept.sweep();
    assert_ne!(kept.count("api_usage"), 0);
    kept.stack.advance(2 * DAY);
    kept.sweep();
    assert_eq!(kept.count("api_usage"), 0);
}

#[test]
fn figures_of_crms_are_kept_for_thirty_one_days_and_an_outage_that_lasts_until_it_ends() {
    let kept = Kept::new();
    let business = &kept.tenant.business_id;
    let now = kept.stack.now().micros();
    let hour = now / (3_600 * 1_000_000);
    kept.stack.db.sql(&format!(
        "INSERT INTO integrations (business_id, connector, created_at, updated_at) VALUES ('{business}', 'kustomer', 0, 0)"
    ));
    kept.stack.db.sql(&format!(
        "INSERT INTO crm_hours VALUES ('{business}', 'kustomer', {hour}, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"
    ));
    kept.stack.db.sql(&format!(
        "INSERT INTO crm_outages VALUES ('{business}', 'kustomer', {now}, {now} + 1), ('{business}', 'kustomer', {now} + 2, NULL)"
    ));
    let counts = || [kept.count("crm_hours"), kept.count("crm_outages")];
    kept.stack.advance(30 * DAY);
    kept.sweep();
    assert_eq!(counts(), [1, 2]);
    kept.stack.advance(2 * DAY);
    kept.sweep();
    assert_eq!(counts(), [0, 1]);
}

#[test]
fn links_to_sign_in_go_after_an_hour_and_visits_when_they_are_over() {
    let kept = Kept::new();
    let business = &kept.tenant.business_id;
    let now = kept.stack.now().micros();
    kept.stack.db.sql(&format!(
        "INSERT INTO sign_in_links VALUES ('{business}', 'a', 'h', 'm', {now}, {now}),
           ('{business}', 'b', 'h', 'm', {now}, {now} + {})",
        60 * MINUTE
    ));
    kept.stack.db.sql(&format!(
        "INSERT INTO sign_in_visits (business_id, state, browser, provider, next, expires_at)
         VALUES ('{business}', 's', 'b', 'p', '/dashboard', {now} + {0}), ('{business}', 't', 'b', 'p', '/dashboard', {now} + {0} * 9)",
        10 * MINUTE
    ));
    kept.sweep();
    assert_eq!(kept.count("sign_in_links WHERE id = 'a'"), 0);
    assert_eq!(kept.count("sign_in_links"), 1, "it counts for the limit");
    assert_eq!(kept.count("sign_in_visits WHERE state = 's'"), 0);
    assert_eq!(kept.count("sign_in_visits"), 1);
}
