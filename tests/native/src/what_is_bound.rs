//! The last module by name, so that its test begins when all others have.

use std::time::Duration;

/// The other direction needs no test of its own: the test kit gives a function what its row binds, and
/// fails whatever reaches for more.
#[test]
fn what_a_row_binds_some_test_of_the_function_uses() {
    let is_part_of_the_tests = std::env::args().skip(1).any(|word| !word.starts_with('-'));
    if is_part_of_the_tests {
        return;
    }
    let unused = testkit::bound_without_use(Duration::from_secs(20));
    assert!(
        unused.is_empty(),
        "no test uses these: take them out of ledger/workers.rs, or test what needs them: {unused:#?}"
    );
}
