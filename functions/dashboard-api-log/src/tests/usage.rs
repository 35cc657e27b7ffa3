//! Calls, counted.

use super::{call_with, get, key_id, member};
use common::time::DAY;
use dashboard_api_log::handler::handle;
use serde_json::json;
use testkit::Stack;

#[test]
fn usage_get_answers_with_counts_by_day_caller_and_operation() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let (member_id, token) = member(&stack, &tenant, "viewer");
    call_with(&stack, &other.api_key, 200);
    for status in [200, 404, 500] {
        call_with(&stack, &tenant.api_key, status);
    }
    stack.write_usage();
    stack.advance(DAY / 4);
    get(&stack, &token, "usage?from=x");
    call_with(&stack, &tenant.api_key, 200);
    stack.write_usage();
    stack.db.sql("UPDATE api_usage SET ms = 10 * calls + 1");
    // The session of a member ends sooner than the next day.
    let session = stack.session(&tenant);
    let answer = get(&stack, &session, "usage?from=2026-01-01&to=2026-01-02");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let counts = |calls: i64, refused: i64, failed: i64| json!({ "calls": calls, "refused": refused, "failed": failed, "mean_ms": 10 });
    let with = |mut counts: serde_json::Value, more: serde_json::Value| {
        let more = more.as_object().unwrap().clone();
        counts.as_object_mut().unwrap().extend(more);
        counts
    };
    let key = json!({
        "key_id": key_id(&tenant.api_key), "key_name": "First API key", "member_id": null, "member_name": null,
    });
    let mia =
        json!({ "key_id": null, "key_name": null, "member_id": member_id, "member_name": "Mia" });
    assert_eq!(
        answer.json,
        json!({
            "from": "2026-01-01", "to": "2026-01-02",
            "days": [with(counts(5, 2, 1), json!({ "date": "2026-01-02" }))],
            "callers": [
                with(counts(4, 1, 1), key),
                with(json!({ "calls": 1, "refused": 1, "failed": 0, "mean_ms": 11 }), mia),
            ],
            "operations": [
                with(counts(4, 1, 1), json!({ "operation": "customer_get" })),
                with(json!({ "calls": 1, "refused": 1, "failed": 0, "mean_ms": 11 }), json!({ "operation": "usage_get" })),
            ],
        })
    );
}

#[test]
fn usage_of_one_key_has_its_days() {
    let (stack, tenant) = Stack::with_tenant();
    for _ in 0..3 {
        call_with(&stack, &tenant.api_key, 200);
        stack.advance(DAY);
    }
    let session = stack.session(&tenant);
    stack.write_usage();
    let of = |query: &str| get(&stack, &session, &format!("usage?{query}")).json;
    let days = |of: &serde_json::Value| of["days"].as_array().unwrap().len();
    let key = key_id(&tenant.api_key);
    assert_eq!(days(&of("")), 4);
    assert_eq!(days(&of(&format!("key_id={key}"))), 3);
    assert_eq!(days(&of(&format!("key_id={key}&from=2026-01-03"))), 2);
    assert_eq!(days(&of(&format!("key_id={key}&to=2026-01-02"))), 1);
    assert_eq!(days(&of("operation=session_create")), 1);
    assert_eq!(days(&of("member_id=nobody")), 0);
}

#[test]
fn usage_get_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let target = ("dashboard-api-log", "GET", "/api/dashboard/usage");
    stack.asks_for_a_session(&tenant, target, handle);
}

#[test]
fn usage_get_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.session(&tenant);
    for (query, rule) in [
        ("from=2026", ("query.from", "date")),
        ("from=2026-01-03", ("query.from", "not_after_to")),
        ("from=2025-01-01", ("query.from", "at_most_92_days")),
        ("to=x", ("query.to", "date")),
        ("operation=x", ("query.operation", "known_operation")),
        ("key_id=a%0A", ("query.key_id", "1_to_64_characters")),
        ("limit=1", ("query.limit", "unknown")),
    ] {
        let answer = get(&stack, &token, &format!("usage?{query}"));
        assert_eq!(answer.detail(), rule, "{query}");
    }
}
