use super::{SECOND, fan_out, hold, listening, received};
use common::ports::Queue;
use fan_out::handler::each_minute;
use serde_json::json;

#[test]
fn the_cron_wakes_all_that_is_due_and_nothing_else() {
    let (stack, tenant, endpoint) = listening(&["message.received"]);
    let _quiet = stack.tenant("Quiet");
    stack.job("", each_minute);
    for queue in [Queue::Events, Queue::Deliveries, Queue::Media, Queue::Sends] {
        assert!(stack.ports.take_wakes(queue).is_empty());
    }
    let sequence = received(&stack, &tenant, "x");
    stack.job("", each_minute);
    let business = || (tenant.business_id.clone(), 0);
    assert_eq!(stack.ports.take_wakes(Queue::Events), [business()]);
    fan_out(&stack, &tenant);
    stack.ports.take_wakes(Queue::Deliveries);
    hold(&stack, sequence, 1);
    let id = &tenant.business_id;
    let soon = stack.now().micros() + SECOND;
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, due_at,
           created_at) VALUES ('{id}', 'a', 'm', 'pending', 'f', 't', {soon}, 0)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{id}', 'm', 'queued', '{{}}', {soon}, 0)"
    ));
    stack
        .db
        .sql(&format!("UPDATE deliveries SET due_at = {soon}"));
    stack.job("", each_minute);
    for queue in [Queue::Events, Queue::Deliveries, Queue::Media, Queue::Sends] {
        assert!(
            stack.ports.take_wakes(queue).is_empty(),
            "{queue:?} too early"
        );
    }
    stack.advance(SECOND);
    stack.job("", each_minute);
    let woken = |queue| stack.ports.take_wakes(queue);
    let message = json!({ "business_id": id, "message_id": "m" }).to_string();
    let delivery = json!({ "business_id": id, "endpoint_id": endpoint }).to_string();
    assert_eq!(woken(Queue::Events), [business()]);
    assert_eq!(woken(Queue::Deliveries), [(delivery, 0)]);
    assert_eq!(woken(Queue::Media), [(message.clone(), 0)]);
    assert_eq!(woken(Queue::Sends), [(message, 0)]);
}

#[test]
fn the_cron_finds_the_last_of_many_businesses() {
    let (stack, tenant, _) = listening(&["message.received"]);
    stack.db.sql(
        "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
         INSERT INTO businesses (id, name, default_region, created_at)
         SELECT printf('00000000-%04d', n), 'Quiet', 'IE', 0 FROM n",
    );
    received(&stack, &tenant, "x");
    let before = stack.db.calls();
    stack.job("", each_minute);
    assert_eq!(
        stack.ports.take_wakes(Queue::Events),
        [(tenant.business_id, 0)]
    );
    assert_eq!(stack.db.calls() - before, 3);
}
