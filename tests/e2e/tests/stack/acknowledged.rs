//! The stack is killed under load and started again, and a business moves meanwhile.

use e2e::run;

#[test]
fn what_was_acknowledged_survives_a_kill_and_nothing_happens_twice() {
    run("tests/e2e/guide/crash.mjs");
}

#[test]
fn a_business_moves_under_load_and_loses_nothing() {
    run("tests/e2e/guide/move.mjs");
}
