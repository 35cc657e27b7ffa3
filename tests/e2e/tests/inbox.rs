//! The embedded inbox in a real browser, where chromium and chromedriver are installed.

use e2e::run;

#[test]
fn the_page_does_what_it_should_over_a_stand_in_that_fails_on_command() {
    run("tests/browser/run.mjs");
}

#[test]
fn the_page_does_what_it_should_over_the_stack() {
    run("tests/browser/stack.mjs");
}

#[test]
fn a_thousand_open_inboxes_are_told_within_two_seconds() {
    run("tests/e2e/guide/inboxes.mjs");
}
