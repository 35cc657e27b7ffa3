//! Every statement, looked at in one place.

use common::{access, customers, events, serve};

#[test]
fn every_statement_is_bound_to_its_business_and_scans_no_table() {
    testkit::check_statements(&[
        access::sql::ALL,
        customers::sql::ALL,
        events::sql::ALL,
        serve::ALL,
    ]);
}
