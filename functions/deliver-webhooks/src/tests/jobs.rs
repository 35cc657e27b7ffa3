use super::{HOOK, HOUR, Hooks, SECOND, header, one, status};
use common::ports::Queue;
use deliver_webhooks::handler::handle;
use serde_json::json;
use testkit::{Failure, timed_out};

#[test]
fn no_more_than_four_are_under_way_to_an_endpoint_and_its_lease_frees_what_a_dead_job_held() {
    let hooks = Hooks::with_events(20);
    // The job dies after it claimed: its outcomes are never written.
    hooks.stack.ports.respond(|_| Some(status(200)));
    let db = hooks.stack.db.clone();
    hooks.stack.db.before_next_batch(move || {
        let then = db.clone();
        db.before_next_batch(move || then.fail(Failure::Before(outage())));
    });
    assert_eq!(hooks.job()["code"], "unavailable");
    assert_eq!(hooks.count("deliveries WHERE lease IS NOT NULL"), 4);
    // Another job finds no room, until the lease ends.
    hooks.stack.ports.take_requests();
    hooks.stack.advance(29 * SECOND);
    hooks.job();
    assert!(hooks.stack.ports.take_requests().is_empty());
    hooks.stack.advance(SECOND);
    hooks.job();
    assert_eq!(hooks.stack.ports.take_requests().len(), 20);
    assert_eq!(hooks.count("deliveries WHERE status = 'delivered'"), 20);
    assert_eq!(hooks.count("deliveries WHERE lease IS NOT NULL"), 0);
}

fn outage() -> common::db::DbError {
    common::db::DbError::Outage("Network connection lost.".into())
}

#[test]
fn what_a_later_job_delivered_does_not_fail_when_the_first_comes_back_late() {
    let hooks = Hooks::with_events(1);
    // While the first waits for its answer, its lease ends, and another delivers.
    let (stack, message) = (hooks.stack.clone(), hooks.message());
    let other = hooks.stack.clone();
    other.db.before_next_batch(move || {
        let again = stack.clone();
        stack.db.before_next_batch(move || {
            again.advance(31 * SECOND);
            again.ports.will(status(200));
            again.job(&message, handle);
        });
    });
    hooks.tried(status(500));
    assert_eq!(hooks.deliveries(), one("delivered", ""));
    assert_eq!(hooks.count("delivery_attempts"), 2, "both are logged");
    hooks.stack.advance(HOUR);
    hooks.job();
    assert_eq!(hooks.stack.ports.take_requests().len(), 2);
}

#[test]
fn a_job_goes_on_until_nothing_is_due() {
    let hooks = Hooks::with_events(30);
    hooks.stack.ports.respond(|_| Some(status(200)));
    hooks.job();
    assert_eq!(hooks.count("deliveries WHERE status = 'delivered'"), 30);
    let sequences = hooks.stack.ports.take_requests();
    let ids = sequences
        .iter()
        .map(|request| header(request, "webhook-id").to_owned());
    assert!(
        ids.eq((1..=30).map(|n| format!("event-{n}"))),
        "the oldest first"
    );
}

#[test]
fn one_endpoints_trouble_is_not_anothers() {
    let hooks = Hooks::new();
    let (fine, _) = hooks
        .stack
        .endpoint(&hooks.tenant, "https://fine.example/", &["*"]);
    hooks.happen(3);
    hooks.stack.ports.respond(|request| {
        Some(if request.url == HOOK {
            timed_out()
        } else {
            status(200)
        })
    });
    assert_eq!(hooks.stack.deliver_now(), [2]);
    let of = |endpoint: &str, status: &str| {
        hooks.count(&format!(
            "deliveries WHERE endpoint_id = '{endpoint}' AND status = '{status}'"
        ))
    };
    assert_eq!(
        (of(&hooks.endpoint, "pending"), of(&fine, "delivered")),
        (3, 3)
    );
}

#[test]
fn a_message_that_names_nothing_of_ours_harms_nobody() {
    let hooks = Hooks::with_events(1);
    assert_eq!(
        hooks.stack.job("nonsense", handle)["code"],
        "malformed_request"
    );
    let nobody = json!({ "business_id": "x", "endpoint_id": hooks.endpoint }).to_string();
    assert_eq!(hooks.stack.job(&nobody, handle)["level"], "info");
    assert!(hooks.stack.ports.take_requests().is_empty());
    assert_eq!(hooks.deliveries(), one("pending", ""));
}

#[test]
fn a_job_whose_endpoint_is_slow_leaves_the_rest_to_the_next_after_twelve_seconds() {
    let hooks = Hooks::with_events(30);
    let stack = hooks.stack.clone();
    hooks.stack.ports.respond(move |_| {
        stack.advance(SECOND);
        Some(status(200))
    });
    hooks.stack.ports.take_wakes(Queue::Deliveries);
    // Four take four seconds. After three times four the job has not yet gone on for longer than twelve.
    assert_eq!(hooks.job()["level"], "info");
    assert_eq!(hooks.stack.ports.take_requests().len(), 16);
    let woken = hooks.stack.ports.take_wakes(Queue::Deliveries);
    assert_eq!(woken, [(hooks.message(), 0)]);
    assert_eq!(hooks.count("deliveries WHERE status = 'delivered'"), 16);
    hooks.job();
    assert_eq!(hooks.count("deliveries WHERE status = 'delivered'"), 30);
}

#[test]
fn an_attempt_is_logged_with_when_it_began_and_how_long_it_took() {
    let hooks = Hooks::with_events(1);
    let (stack, began) = (hooks.stack.clone(), hooks.stack.now().micros());
    hooks.stack.ports.respond(move |_| {
        stack.advance(1_250_000);
        Some(status(500))
    });
    hooks.job();
    let at = hooks.value("SELECT at FROM delivery_attempts");
    assert_eq!(at.as_integer(), Some(began));
    let took = hooks.value("SELECT duration_ms FROM delivery_attempts");
    assert_eq!(took.as_integer(), Some(1250));
    // The retry counts from the answer.
    let due_at = hooks.value("SELECT due_at FROM deliveries");
    assert_eq!(due_at.as_integer(), Some(began + 1_250_000 + 2 * SECOND));
}
