//! Mails of Email Routing that wait for the database.

use super::routing::{ADDRESS, Desk, raw};
use common::db::DbError;
use receivers::parked::MAX_TRIES;
use serde_json::json;
use testkit::Failure;
use webhook_email::handler::resume_all;

impl Desk {
    /// A mail comes while the database is up for one call only: that which finds the account.
    fn mail_parked(&self) {
        let outage = DbError::Outage("away".into());
        self.stack.db.fail_after(1, Failure::Before(outage));
        assert_eq!(self.mail(ADDRESS, &raw("<1@x>", "", "Hi")).0, "");
        assert_eq!((self.count("messages"), self.keys().len()), (0, 1));
    }
}

#[test]
fn a_mail_parked_for_an_account_is_that_accounts_whoever_takes_the_address_over() {
    let desk = Desk::new();
    desk.mail_parked();
    desk.stack
        .db
        .sql("UPDATE channels SET verification = 'pending'");
    let owner = desk.stack.tenant("The owner");
    let settings = json!({"provider": "cloudflare"});
    let _theirs = desk
        .stack
        .channel(&owner, "email", ADDRESS, &settings, &json!({}));
    desk.stack.job("", resume_all);
    let ours = format!("messages WHERE business_id = '{}'", desk.tenant.business_id);
    assert_eq!((desk.count("messages"), desk.count(&ours)), (1, 1));
    assert!(!desk.keys().iter().any(|key| key.starts_with("inbound/")));
}

#[test]
fn a_mail_parked_for_an_account_that_is_gone_becomes_a_dead_letter() {
    let desk = Desk::new();
    desk.mail_parked();
    desk.stack.db.sql("UPDATE channels SET deleted_at = 1");
    for _ in 0..MAX_TRIES {
        desk.stack.job("", resume_all);
    }
    let listed = "SELECT state || ' ' || tries || ' ' || code FROM parked_deliveries";
    assert_eq!(desk.text(listed), "dead 20 not_found");
    let [key] = &desk.keys()[..] else {
        panic!("{:?}", desk.keys());
    };
    let of = format!("dead-inbound/mime/{}/", desk.channel_id);
    assert!(key.starts_with(&of), "{key}");
}
