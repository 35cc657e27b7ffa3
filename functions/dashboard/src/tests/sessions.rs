use super::session;
use dashboard::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

fn ask(stack: &Stack, method: &str, suffix: &str, token: &str) -> Answer {
    let target = format!("/api/dashboard/sessions{suffix}");
    let call = stack.call("dashboard", method, &target);
    call.bearer(token).send(handle)
}

fn listed(stack: &Stack, token: &str) -> Vec<Value> {
    let answer = ask(stack, "GET", "", token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["sessions"].as_array().unwrap().clone()
}

/// A session of another admin key of the business, which is revoked then.
fn of_a_revoked_key(stack: &Stack, tenant: &Tenant, token: &str) -> String {
    let call = stack.call("dashboard", "POST", "/api/dashboard/api-keys");
    let body = json!({ "name": "K", "scopes": ["admin"] });
    let made = call.bearer(token).json(&body).send(handle).json;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let second = Tenant {
        admin_key: text(&made["api_key"]),
        ..tenant.clone()
    };
    let other = session(stack, &second);
    assert_eq!(listed(stack, token).len(), 2);
    let target = format!("/api/dashboard/api-keys/{}", text(&made["key"]["id"]));
    let call = stack.call("dashboard", "DELETE", &target);
    assert_eq!(call.bearer(token).send(handle).status, 204);
    other
}

#[test]
fn session_list_answers_with_the_sessions_that_go_on_and_no_secret() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    session(&stack, &other);
    session(&stack, &tenant);
    stack.advance(12 * 3_600_000_000);
    let token = session(&stack, &tenant);
    of_a_revoked_key(&stack, &tenant, &token);
    let sessions = listed(&stack, &token);
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0]["current"], true);
    let id = sessions[0]["id"].as_str().unwrap();
    assert!(token.starts_with(&format!("tls_{id}_")));
    assert!(!json!(sessions).to_string().contains(&token[30..]));
}

#[test]
fn session_list_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let refused = ask(&stack, "GET", "", &tenant.admin_key);
    assert_eq!(refused.refusal(), (401, "invalid_token"));
}

#[test]
fn session_list_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let refused = ask(&stack, "GET", "?limit=1", &session(&stack, &tenant));
    assert_eq!(refused.detail(), ("query.limit", "unknown"));
}

#[test]
fn session_end_answers_with_nothing_and_the_session_is_over_at_once() {
    let (stack, tenant) = Stack::with_tenant();
    let (first, second) = (session(&stack, &tenant), session(&stack, &tenant));
    let sessions = listed(&stack, &first);
    let other = sessions.iter().find(|one| one["current"] == false).unwrap();
    let suffix = format!("/{}", other["id"].as_str().unwrap());
    assert_eq!(ask(&stack, "DELETE", &suffix, &first).status, 204);
    let over = (401, "invalid_token");
    assert_eq!(ask(&stack, "GET", "", &second).refusal(), over);
    // Sign-out.
    assert_eq!(ask(&stack, "DELETE", "/current", &first).status, 204);
    assert_eq!(ask(&stack, "GET", "", &first).refusal(), over);
}

#[test]
fn session_end_refuses_callers_without_a_session() {
    let (stack, _) = Stack::with_tenant();
    let refused = ask(&stack, "DELETE", "/current", "tls_x_y");
    assert_eq!(refused.refusal(), (401, "invalid_token"));
}

#[test]
fn session_end_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let (token, of_other) = (session(&stack, &tenant), session(&stack, &other));
    let id = &of_other[4..24];
    for suffix in ["/nobody".to_owned(), format!("/{id}")] {
        let refused = ask(&stack, "DELETE", &suffix, &token);
        assert_eq!(refused.refusal(), (404, "not_found"), "{suffix}");
    }
    assert_eq!(ask(&stack, "GET", "", &of_other).status, 200);
}
