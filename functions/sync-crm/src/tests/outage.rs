//! A CRM that is away for a short while.

use super::Desk;
use common::ports::Queue;
use serde_json::json;
use testkit::answer;

const SECOND: i64 = super::SECOND;

/// Customers write while Kustomer answers 502 for so long; gives how long after its end, in seconds,
/// everything stands there, and how many requests the outage saw.
fn drained_after(outage: i64) -> (i64, usize) {
    let desk = Desk::new();
    let began = desk.stack.now().micros();
    let (answering, clock) = (desk.there.clone(), desk.stack.clone());
    let seen = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = seen.clone();
    desk.stack.ports.respond(move |request| {
        let now = clock.now().micros();
        if now < began + outage * SECOND {
            count.set(count.get() + 1);
            return Some(answer(502, &json!("<html>")));
        }
        Some(answering.answer(request, now))
    });
    for n in 0..8 {
        desk.receive(&format!("wamid.{n}"), &format!("35387000{n:04}"), "Hello");
    }
    for _ in 0..200 {
        desk.stack.fan_out(&desk.tenant);
        let log = desk.run();
        assert_eq!(log["level"], "info", "{log}");
        let now = desk.stack.now().micros();
        if desk.there.all("message").len() == 8 {
            return ((now - began) / SECOND - outage, seen.get());
        }
        let wakes = desk.stack.ports.take_wakes(Queue::Crm);
        desk.stack.ports.take_wakes(Queue::Events);
        // The cron, where nothing wakes it sooner.
        let to_cron = 60 - ((now - began) / SECOND + 25) % 60;
        let wait = wakes.iter().map(|(_, wait)| i64::from(*wait)).min();
        let wait = wait.unwrap_or(to_cron).min(to_cron);
        desk.stack.advance(wait.max(1) * SECOND);
    }
    panic!("it never came to an end: {:?}", desk.jobs());
}

#[test]
fn after_seconds_of_outage_everything_is_drained_at_once() {
    let (seconds, _) = drained_after(3);
    assert!(seconds <= 40, "{seconds} s after its end");
}

#[test]
fn after_forty_seconds_of_outage_everything_is_drained_within_a_minute() {
    let (seconds, requests) = drained_after(40);
    assert!(seconds <= 60, "{seconds} s after its end");
    assert!(requests <= 20, "{requests} requests in forty seconds");
}
