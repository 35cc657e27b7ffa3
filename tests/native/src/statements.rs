//! Every statement, looked at in one place.

use common::events;
use dashboard_analytics::analytics;
use messaging::{attachments, conversations, messages};

#[test]
fn every_statement_is_bound_to_its_business_and_scans_no_table() {
    testkit::check_statements(&[
        access::sql::ALL,
        access::sso::sql::ALL,
        analytics::sql::ALL,
        attachments::sql::ALL,
        channels::sql::ALL,
        channels_email::sql::ALL,
        channels::opt_outs::sql::ALL,
        conversations::sql::ALL,
        conversations::escalate::sql::ALL,
        conversations::handoff::sql::ALL,
        crm::sql::ALL,
        crm::history::sql::ALL,
        crm::local::sql::ALL,
        crm::settings::sql::ALL,
        customer::sql::ALL,
        dashboard_crm_jobs::sql::ALL,
        events::sql::ALL,
        inbox::sql::ALL,
        messages::news::sql::ALL,
        messages::sql::ALL,
        messages::statuses::sql::ALL,
        messages::send::sql::ALL,
        serve::ALL,
        sync_crm::sql::ALL,
        webhooks::sql::ALL,
    ]);
}
