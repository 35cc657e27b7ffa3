//! The embedded inbox in a real browser, where chromium and chromedriver are installed, and many at
//! once.

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
fn a_thousand_open_inboxes_are_told_within_two_seconds() {
    run_alone("tests/e2e/guide/inboxes.mjs");
}
