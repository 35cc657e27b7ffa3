mod list;
mod metrics;
mod overview;
mod support;
mod suspended;

use operator::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

const SECOND: i64 = 1_000_000;
const BUSINESSES: &str = "/api/operator/businesses";
const REASON: &str = "Ticket 4711: no messages come in";

fn get(stack: &Stack, target: &str) -> Answer {
    let call = stack.call("operator", "GET", target);
    call.bearer(PLATFORM_TOKEN).send(handle)
}

fn patch(stack: &Stack, id: &str, body: &Value) -> Answer {
    let call = stack.call("operator", "PATCH", &format!("{BUSINESSES}/{id}"));
    call.bearer(PLATFORM_TOKEN).json(body).send(handle)
}

fn suspend(stack: &Stack, tenant: &Tenant, suspended: bool) {
    let body = json!({ "suspended": suspended, "reason": REASON });
    let answer = patch(stack, &tenant.business_id, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What the business's own audit log shows, the newest first.
fn audit(stack: &Stack, tenant: &Tenant) -> Vec<Value> {
    let call = stack.call("dashboard", "GET", "/api/dashboard/audit");
    let token = stack.session(tenant);
    let answer = call.bearer(&token).send(dashboard::handler::handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["entries"].as_array().unwrap().clone()
}

/// Holds a route against everybody but the operator.
fn asks_for_the_platform_token(method: &str, target: &str) {
    let (stack, tenant) = Stack::with_tenant();
    let session = stack.session(&tenant);
    let call = || stack.call("operator", method, target).json(&json!({}));
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    for token in ["x", &tenant.admin_key, &session] {
        let refused = call().bearer(token).send(handle);
        assert_eq!(refused.refusal(), (401, "invalid_token"));
    }
    let keyed = call().key(&tenant.admin_key).send(handle);
    assert_eq!(keyed.refusal(), (401, "missing_token"));
}
