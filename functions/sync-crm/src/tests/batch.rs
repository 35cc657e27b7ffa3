//! Many businesses in one invocation.

use super::{Desk, SECOND, handle};
use common::ports::Queue;
use serde_json::json;
use testkit::Tenant;

/// The account that the customers of a business write to.
fn account(n: usize) -> String {
    match n {
        0 => super::ACCOUNT.to_owned(),
        n => format!("{}{n:02}", super::ACCOUNT),
    }
}

/// Businesses beside the first that are connected to a CRM, each with messages of so many customers.
fn busy(businesses: usize, customers: usize) -> (Desk, Vec<Tenant>) {
    let desk = Desk::new();
    let mut tenants = vec![desk.tenant.clone()];
    for n in 1..businesses {
        let tenant = desk.stack.tenant("Busy");
        drop(desk.stack.whatsapp(&tenant, &account(n)));
        crate::kustomer::connect(&desk.stack, &tenant, &json!({}));
        tenants.push(tenant);
    }
    for (n, tenant) in tenants.iter().enumerate() {
        let account = account(n);
        for customer in 0..customers {
            let from = format!("35387{n:03}{customer:04}");
            let id = format!("wamid.{n}.{customer}");
            desk.stack.receive_whatsapp(&account, &id, &from, "Hello");
        }
        desk.stack.fan_out(tenant);
    }
    desk.stack.ports.take_wakes(Queue::Crm);
    (desk, tenants)
}

/// Hands batches out until nothing is due; how many invocations it took.
fn settle(desk: &Desk, tenants: &[Tenant]) -> usize {
    let mut messages: Vec<String> = tenants.iter().map(|one| one.business_id.clone()).collect();
    let mut invocations = 0;
    while !messages.is_empty() {
        messages.truncate(50);
        for log in desk.stack.batch(messages, handle) {
            assert_eq!(log["level"], "info", "{log}");
        }
        let woken = desk.stack.ports.take_wakes(Queue::Crm);
        let wait = woken.iter().map(|(_, wait)| *wait).max();
        desk.stack.advance(i64::from(wait.unwrap_or(0)) * SECOND);
        messages = woken.into_iter().map(|(business, _)| business).collect();
        messages.sort_unstable();
        messages.dedup();
        invocations += 1;
        assert!(invocations < 300, "{:?}", desk.jobs());
    }
    invocations
}

#[test]
fn many_businesses_with_much_to_do_ask_no_more_than_an_invocation_may_and_lose_nothing() {
    let (desk, tenants) = busy(24, 7);
    settle(&desk, &tenants);
    assert_eq!(desk.there.all("message").len(), 24 * 7);
    assert_eq!(desk.count("crm_jobs WHERE state <> 'done'"), 0);
}

#[test]
fn messages_of_the_past_that_go_together_fit_a_share() {
    let (desk, tenants) = busy(5, 1);
    for (n, tenant) in tenants.iter().enumerate() {
        let account = account(n);
        for line in 0..80 {
            let (id, text) = (
                format!("wamid.{account}.past.{line}"),
                format!("line {line}"),
            );
            desk.stack
                .receive_whatsapp(&account, &id, super::ADA, &text);
        }
        desk.stack.fan_out(tenant);
    }
    desk.stack.db.sql("UPDATE crm_jobs SET priority = 1");
    desk.stack.db.sql("UPDATE crm_streams SET priority = 1");
    settle(&desk, &tenants);
    assert_eq!(desk.there.all("message").len(), 5 * 81);
    assert_eq!(desk.count("crm_jobs WHERE state <> 'done'"), 0);
}
