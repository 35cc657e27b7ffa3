//! The bodies of events go once every endpoint has them.

use super::{DAY, Kept};
use serde_json::{Value, json};
use testkit::{CUSTOMER_ID, answer};

const FIRST: &str = "https://crm.example/first";
const SECOND: &str = "https://crm.example/second";

/// A customer whose changes two endpoints are told of, the second of which answers with this.
fn with_endpoints(status: u16) -> Kept {
    let kept = Kept::new();
    kept.stack.customer(&kept.tenant, "{}");
    for url in [FIRST, SECOND] {
        kept.stack.endpoint(&kept.tenant, url, &["*"]);
    }
    answers(&kept, status);
    happen(&kept);
    kept
}

fn answers(kept: &Kept, status: u16) {
    kept.stack.ports.respond(move |request| {
        let status = if request.url == SECOND { status } else { 200 };
        Some(answer(status, &json!({ "ok": true })))
    });
}

fn happen(kept: &Kept) {
    kept.stack
        .happened(&kept.tenant, "customer.updated", CUSTOMER_ID, &Value::Null);
    kept.stack.fan_out(&kept.tenant);
    kept.stack.deliver_now();
}

fn replay(kept: &Kept, url: &str) -> testkit::Answer {
    let id = kept.stack.db.value(&format!(
        "SELECT d.id FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
         WHERE e.url = '{url}'"
    ));
    let path = format!("/api/dashboard/deliveries/{}/replay", id.as_text().unwrap());
    let call = kept.stack.call("dashboard-deliveries", "POST", &path);
    // Days may have passed since the session was opened.
    let session = kept.stack.session(&kept.tenant);
    call.bearer(&session)
        .send(dashboard_deliveries::handler::handle)
}

#[test]
fn the_body_of_an_event_goes_once_it_was_delivered_everywhere() {
    let kept = with_endpoints(200);
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 1);
    kept.minute();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
    // Ids and outcome stay.
    assert_eq!(kept.count("outbox WHERE event = 'customer.updated'"), 1);
    assert_eq!(kept.count("deliveries WHERE status = 'delivered'"), 2);
    assert_eq!(kept.count("delivery_attempts"), 2);
}

#[test]
fn what_one_endpoint_has_not_taken_is_kept_until_it_has() {
    let kept = with_endpoints(500);
    for _ in 0..3 {
        kept.sweep();
    }
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 1);
    // The three quick tries are over; a person has it tried again.
    kept.stack
        .db
        .sql("UPDATE deliveries SET status = 'failed' WHERE status = 'pending'");
    kept.sweep();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 1);
    answers(&kept, 200);
    assert_eq!(replay(&kept, SECOND).status, 200);
    kept.sweep();
    assert_eq!(
        kept.count("outbox WHERE body IS NOT NULL"),
        1,
        "it is pending"
    );
    kept.stack.deliver_now();
    kept.sweep();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
}

#[test]
fn a_replay_of_what_has_no_body_any_more_is_refused_and_changes_nothing() {
    let kept = with_endpoints(200);
    assert_eq!(replay(&kept, FIRST).status, 200);
    kept.stack.deliver_now();
    kept.minute();
    let before = kept
        .stack
        .db
        .sql("SELECT status, due_at, attempts FROM deliveries");
    let refused = replay(&kept, FIRST);
    assert_eq!(refused.refusal(), (410, "body_expired"));
    assert_eq!(
        kept.stack
            .db
            .sql("SELECT status, due_at, attempts FROM deliveries"),
        before
    );
}

#[test]
fn a_business_can_keep_bodies_for_longer() {
    let kept = with_endpoints(200);
    kept.put(&json!({ "event_bodies_days": 2 }));
    kept.sweep();
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 1);
    assert_eq!(replay(&kept, FIRST).status, 200);
    kept.stack.deliver_now();
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(
        kept.count("outbox WHERE body IS NOT NULL"),
        1,
        "it was replayed since"
    );
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
}

#[test]
fn an_endpoint_that_was_deleted_keeps_no_body() {
    let kept = with_endpoints(404);
    kept.stack.db.sql(&format!(
        "UPDATE webhook_endpoints SET deleted_at = 1, status = 'disabled' WHERE url = '{SECOND}'"
    ));
    kept.minute();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
}

#[test]
fn an_inbound_text_costs_at_most_two_and_a_half_kilobytes_once_it_was_delivered() {
    const TEXTS: i64 = 600;
    let kept = Kept::new();
    let account = "100200300";
    let _channel = kept.stack.whatsapp(&kept.tenant, account);
    kept.stack.endpoint(&kept.tenant, FIRST, &["*"]);
    answers(&kept, 200);
    let used = || {
        let pragma = |name: &str| {
            let value = kept.stack.db.value(&format!("PRAGMA {name}"));
            value.as_integer().unwrap()
        };
        (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    };
    let before = used();
    for n in 0..TEXTS {
        // Each of 60 customers writes ten times.
        let from = format!("35387{:07}", n % 60);
        let id = format!("wamid.HBgMMzUzODcxMjM0NTY3FQIAEhggRDA3{n:08}");
        let text = format!("Hello, this is message {n}: where is my order? I have waited a week.");
        kept.stack.receive_whatsapp(account, &id, &from, &text);
        kept.stack.advance(1_000_000);
        if n % 20 == 19 {
            kept.stack.fan_out(&kept.tenant);
            kept.stack.deliver_now();
            kept.minute();
        }
    }
    kept.sweep();
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
    let bytes = (used() - before) / TEXTS;
    assert!(bytes <= 2500, "{bytes} bytes for each text");
}
