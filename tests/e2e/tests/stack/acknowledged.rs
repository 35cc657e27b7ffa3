//! The stack is killed under load and started again.

use e2e::run;

#[test]
fn what_was_acknowledged_survives_a_kill_and_nothing_happens_twice() {
    run("tests/e2e/guide/crash.mjs");
}
