//! Many businesses in one invocation.

use super::{HOOK, count, handle};
use common::ports::Queue;
use serde_json::Value;
use std::collections::BTreeSet;
use testkit::{Stack, Tenant};

/// Businesses with so many events each, which an endpoint wants.
fn busy(businesses: usize, events: usize) -> (Stack, Vec<Tenant>) {
    let stack = Stack::new();
    let tenants: Vec<Tenant> = (0..businesses).map(|_| stack.tenant("Busy")).collect();
    for tenant in &tenants {
        stack.conversation(tenant);
        stack.endpoint(tenant, HOOK, &["message.received"]);
        let id = stack.message(tenant, "Hello");
        stack.happened(tenant, "message.received", &id, &Value::Null);
        stack.db.sql(&format!(
            "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < {events})
             INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
             SELECT business_id, n.n, 'event-' || n.n, event, subject_id, created_at
             FROM outbox JOIN n WHERE business_id = '{}' AND sequence = 1",
            tenant.business_id
        ));
    }
    (stack, tenants)
}

#[test]
fn fifty_businesses_with_pages_of_events_ask_no_more_than_an_invocation_may() {
    let (stack, tenants) = busy(50, 530);
    let mut messages: Vec<String> = tenants.into_iter().map(|one| one.business_id).collect();
    let mut invocations = 0;
    while !messages.is_empty() {
        messages.truncate(50);
        let given: BTreeSet<String> = messages.iter().cloned().collect();
        let logs = stack.batch(messages, handle);
        assert!(logs.iter().all(|log| log["level"] == "info"), "{logs:?}");
        let woken = stack.ports.take_wakes(Queue::Events);
        assert!(logs.len() + woken.len() >= given.len(), "none is lost");
        messages = woken.into_iter().map(|(business, _)| business).collect();
        invocations += 1;
        assert!(invocations < 40);
    }
    assert_eq!(count(&stack, "deliveries"), 50 * 530);
    let distinct = "(SELECT DISTINCT business_id, sequence FROM deliveries)";
    assert_eq!(count(&stack, distinct), 50 * 530);
}

#[test]
fn a_few_businesses_are_handed_out_in_one_invocation() {
    let (stack, tenants) = busy(12, 30);
    let messages = tenants.into_iter().map(|one| one.business_id).collect();
    assert_eq!(stack.batch(messages, handle).len(), 12);
    assert_eq!(count(&stack, "deliveries"), 12 * 30);
    assert!(stack.ports.take_wakes(Queue::Events).is_empty());
}
