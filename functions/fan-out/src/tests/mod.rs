mod batch;
mod body;
mod cron;

use common::db::DbError;
use common::ports::Queue;
use fan_out::handler::{each_minute, handle};
use serde_json::Value;
use testkit::{Failure, Stack, Tenant};

const HOOK: &str = "https://crm.example/hook";

const SECOND: i64 = 1_000_000;

/// A business with a conversation, and an endpoint that wants these events.
fn listening(events: &[&str]) -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let (endpoint, _) = stack.endpoint(&tenant, HOOK, events);
    (stack, tenant, endpoint)
}

fn received(stack: &Stack, tenant: &Tenant, content: &str) -> i64 {
    let id = stack.message(tenant, content);
    stack.happened(tenant, "message.received", &id, &Value::Null)
}

fn count(stack: &Stack, of: &str) -> i64 {
    let count = stack.db.value(&format!("SELECT count(*) FROM {of}"));
    count.as_integer().unwrap()
}

fn body(stack: &Stack, sequence: i64) -> String {
    let body = format!("SELECT body FROM outbox WHERE sequence = {sequence}");
    stack.db.value(&body).into_text().unwrap()
}

fn fan_out(stack: &Stack, tenant: &Tenant) -> Value {
    stack.job(&tenant.business_id, handle)
}

#[test]
fn what_happened_before_an_endpoint_was_made_is_not_for_it() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    received(&stack, &tenant, "early");
    stack.advance(SECOND);
    stack.endpoint(&tenant, HOOK, &["*"]);
    received(&stack, &tenant, "late");
    fan_out(&stack, &tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT group_concat(sequence) FROM deliveries"),
        "2".into()
    );
}

#[test]
fn a_business_that_nobody_listens_to_costs_two_calls_and_catches_up_at_once() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    for n in 0..250 {
        received(&stack, &tenant, &format!("{n}"));
    }
    let before = stack.db.calls();
    fan_out(&stack, &tenant);
    assert_eq!(stack.db.calls() - before, 2);
    let fanned_out = stack.db.value("SELECT fanned_out FROM businesses");
    assert_eq!(fanned_out.as_integer(), Some(250));
    assert_eq!(count(&stack, "outbox WHERE body IS NOT NULL"), 0);
    fan_out(&stack, &tenant);
    assert_eq!(stack.db.calls() - before, 3);
}

#[test]
fn a_business_with_a_crm_has_its_jobs_done() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    crate::kustomer::connect(&stack, &tenant, &serde_json::json!({}));
    received(&stack, &tenant, "Hello");
    fan_out(&stack, &tenant);
    let woken = stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(tenant.business_id.clone(), 0)]);
}

#[test]
fn many_events_are_handed_out_in_pages_that_leave_others_their_turn() {
    let (stack, tenant, _) = listening(&["message.received"]);
    for n in 0..530 {
        received(&stack, &tenant, &format!("{n}"));
    }
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 500);
    let again = stack.ports.take_wakes(Queue::Events);
    assert_eq!(again, [(tenant.business_id.clone(), 0)]);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 530);
    assert_eq!(count(&stack, "(SELECT DISTINCT id FROM deliveries)"), 530);
    assert!(stack.ports.take_wakes(Queue::Events).is_empty());
}

#[test]
fn a_lost_answer_of_the_database_hands_nothing_out_twice() {
    let outage = || DbError::Outage("Network connection lost.".into());
    // The read, then the write; before they happen, and after.
    for (ok_calls, failure) in [
        (0, Failure::Before(outage())),
        (0, Failure::After(outage())),
        (1, Failure::Before(outage())),
        (1, Failure::After(outage())),
    ] {
        let (stack, tenant, _) = listening(&["message.received"]);
        received(&stack, &tenant, "once");
        if ok_calls == 1 {
            let failure = failure.clone();
            let db = stack.db.clone();
            // The first batch is the read; its interloper fails the one after it.
            stack.db.before_next_batch(move || {
                let then = db.clone();
                db.before_next_batch(move || then.fail(failure));
            });
        } else {
            stack.db.fail(failure.clone());
        }
        let log = fan_out(&stack, &tenant);
        assert_eq!(log["code"], "unavailable", "{log}");
        let first = body_of(&stack);
        stack.advance(60 * SECOND);
        stack.job("", each_minute);
        for (business, _) in stack.ports.take_wakes(Queue::Events) {
            stack.job(&business, handle);
        }
        assert_eq!(count(&stack, "deliveries"), 1, "{failure:?}");
        assert_eq!(count(&stack, "outbox WHERE body IS NOT NULL"), 1);
        if let Some(first) = first {
            assert_eq!(body_of(&stack), Some(first), "a body is built once");
        }
        stack.ports.take_wakes(Queue::Deliveries);
        stack.job("", each_minute);
        assert_eq!(
            stack.ports.take_wakes(Queue::Deliveries).len(),
            1,
            "{failure:?}"
        );
    }
}

fn body_of(stack: &Stack) -> Option<String> {
    stack.db.value("SELECT body FROM outbox").into_text()
}

#[test]
fn two_jobs_at_once_come_to_the_same() {
    let (stack, tenant, _) = listening(&["message.received"]);
    for n in 0..3 {
        received(&stack, &tenant, &format!("{n}"));
    }
    // The other comes between this one's reading and its writing.
    let (other, theirs) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        let (second, theirs) = (other.clone(), theirs);
        other.db.before_next_batch(move || {
            received(&second, &theirs, "one more");
            fan_out(&second, &theirs);
        });
    });
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    assert_eq!(count(&stack, "deliveries"), 4);
    let fanned_out = stack.db.value("SELECT fanned_out FROM businesses");
    assert_eq!(fanned_out.as_integer(), Some(4), "it never goes back");
}

/// Holds an event back until so many seconds from now.
fn hold(stack: &Stack, sequence: i64, seconds: i64) {
    stack.db.sql(&format!(
        "INSERT OR REPLACE INTO held_events (business_id, sequence, message_id, due_at)
         SELECT business_id, {sequence}, subject_id, {} FROM outbox WHERE sequence = {sequence}",
        stack.now().micros() + seconds * SECOND
    ));
}

#[test]
fn a_held_event_waits_for_its_attachments_and_no_event_waits_for_it() {
    let (stack, tenant, _) = listening(&["message.received"]);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 5);
    received(&stack, &tenant, "text");
    fan_out(&stack, &tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT group_concat(sequence) FROM deliveries"),
        "2".into()
    );
    // It asks to be woken when the hold ends.
    let woken = stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken, [(tenant.business_id.clone(), 6)]);
    stack.advance(4 * SECOND);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "deliveries"), 1);
    stack.advance(2 * SECOND);
    fan_out(&stack, &tenant);
    assert_eq!(
        (count(&stack, "deliveries"), count(&stack, "held_events")),
        (2, 0)
    );
}

#[test]
fn bytes_that_come_while_a_held_event_is_handed_out_are_in_it() {
    let (stack, tenant, _) = listening(&["message.received"]);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 0);
    stack.advance(SECOND);
    let other = stack.clone();
    stack.db.before_next_batch(move || {
        let between = other.clone();
        other.db.before_next_batch(move || {
            // As the fetcher does: the bytes are there, and whoever holds the event may go on.
            between.db.sql(
                "INSERT INTO attachments (business_id, id, message_id, state, filename, type,
                   created_at)
                 SELECT business_id, 'a1', id, 'ready', 'p.jpg', 'image/jpeg', 0 FROM messages",
            );
            hold(&between, held, 0);
        });
    });
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["level"], "info", "{log}");
    assert!(body(&stack, held).contains("p.jpg"));
    assert_eq!(count(&stack, "held_events"), 0);
}

#[test]
fn held_events_that_nobody_wants_are_let_go() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let held = received(&stack, &tenant, "photo");
    hold(&stack, held, 5);
    fan_out(&stack, &tenant);
    assert_eq!(count(&stack, "held_events"), 0);
}

#[test]
fn an_event_whose_body_cannot_be_built_holds_nothing_up_and_is_logged() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack.happened(&tenant, "message.received", "nobody", &Value::Null);
    received(&stack, &tenant, "fine");
    let log = fan_out(&stack, &tenant);
    assert_eq!(log["code"], "internal");
    assert!(
        log["cause"]
            .as_str()
            .unwrap()
            .contains("the subject of event 1 is gone"),
        "{log}"
    );
    let rows = stack
        .db
        .sql("SELECT status, reason FROM deliveries ORDER BY sequence");
    assert_eq!(
        rows,
        [
            vec!["failed".into(), "unbuildable".into()],
            vec!["pending".into(), common::db::Value::Null],
        ]
    );
    assert_eq!(
        fan_out(&stack, &tenant)["level"],
        "info",
        "it is logged once"
    );
}

#[test]
fn a_disabled_endpoint_is_not_woken_and_what_it_missed_is_kept() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack
        .db
        .sql("UPDATE webhook_endpoints SET status = 'disabled'");
    received(&stack, &tenant, "missed");
    fan_out(&stack, &tenant);
    assert!(stack.ports.take_wakes(Queue::Deliveries).is_empty());
    let row = stack
        .db
        .sql("SELECT status, reason, due_at FROM deliveries");
    let missed = vec![
        "failed".into(),
        "endpoint_disabled".into(),
        common::db::Value::Null,
    ];
    assert_eq!(row, [missed]);
}

#[test]
fn no_business_hears_of_anothers_events() {
    let (stack, tenant, _) = listening(&["*"]);
    let other = stack.tenant("Other");
    stack.endpoint(&other, HOOK, &["*"]);
    received(&stack, &tenant, "mine");
    fan_out(&stack, &other);
    fan_out(&stack, &tenant);
    let owners = stack.db.sql("SELECT business_id FROM deliveries");
    assert_eq!(owners, [vec![tenant.business_id.as_str().into()]]);
}

#[test]
fn a_message_that_names_no_business_harms_nobody() {
    let stack = Stack::new();
    assert_eq!(stack.job("nobody", handle)["level"], "info");
}
