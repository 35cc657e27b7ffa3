//! What is timed, and runs alone: the embedded inbox in a real browser, where chromium and chromedriver are
//! installed, a thousand inboxes at once, and an endpoint beside one that hangs.

use e2e::run;
use std::sync::{Mutex, PoisonError};

/// Each is timed, and would make the others slow.
static ALONE: Mutex<()> = Mutex::new(());

fn run_alone(script: &str) {
    let _guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    run(script);
}

#[test]
fn the_page_does_what_it_should_over_a_stand_in_that_fails_on_command() {
    run_alone("tests/browser/run.mjs");
}

#[test]
fn the_page_does_what_it_should_over_the_stack() {
    run_alone("tests/browser/stack.mjs");
}

#[test]
fn a_stranger_goes_from_the_start_page_to_a_message_sent_and_a_webhook_delivered() {
    run_alone("tests/browser/first-steps.mjs");
}

#[test]
fn an_endpoint_that_hangs_delays_nobody_and_one_that_is_down_is_tried_again() {
    run_alone("tests/e2e/guide/delivery.mjs");
}

#[test]
fn a_thousand_open_inboxes_are_told_within_two_seconds() {
    run_alone("tests/e2e/guide/inboxes.mjs");
}
