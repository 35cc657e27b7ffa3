//! Every statement, looked at in one place.

use common::db::Sql;

/// The lists of every crate, as the build found them.
static LISTS: &[&[&Sql]] = include!(concat!(env!("OUT_DIR"), "/statements.rs"));

#[test]
fn every_statement_is_bound_to_its_business_and_scans_no_table() {
    assert!(LISTS.len() > 20, "the build found {}", LISTS.len());
    testkit::check_statements(LISTS);
}
