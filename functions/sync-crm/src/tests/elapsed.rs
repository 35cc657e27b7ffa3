use super::{Desk, SECOND};
use common::ports::Queue;
use testkit::Stack;

/// Kustomer takes so long for each answer.
fn slow(desk: &Desk, micros: i64) {
    let (there, stack): (_, Stack) = (desk.there.clone(), desk.stack.clone());
    desk.stack.ports.respond(move |request| {
        stack.advance(micros);
        Some(there.answer(request, stack.now().micros()))
    });
}

#[test]
fn a_run_against_a_slow_crm_leaves_the_rest_to_the_next_after_fifteen_seconds() {
    let desk = Desk::new();
    for n in 0..6 {
        desk.receive(&format!("wamid.{n}"), &format!("35387000{n:04}"), "Hello");
    }
    desk.stack.fan_out(&desk.tenant);
    desk.stack.ports.take_wakes(Queue::Crm);
    slow(&desk, 4 * SECOND);
    let began = desk.stack.now().micros();
    assert_eq!(desk.run()["level"], "info");
    let took = desk.stack.now().micros() - began;
    assert!(desk.there.all("message").len() < 6, "it went on for {took}");
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert!(woken.iter().any(|(_, delay)| *delay <= 1), "{woken:?}");
    // Nothing that was begun is done twice.
    slow(&desk, 0);
    desk.settle();
    assert_eq!(desk.there.all("customer").len(), 6);
    assert_eq!(desk.there.all("message").len(), 6);
}
