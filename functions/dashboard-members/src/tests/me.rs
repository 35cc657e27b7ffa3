use super::{ask, refuses_callers, with_member};
use common::http::Role;
use dashboard_members::handler::handle;
use serde_json::{Value, json};
use testkit::Stack;

#[test]
fn me_get_answers_with_the_member_and_what_a_page_sends_back() {
    let (stack, tenant, agent) = with_member(Role::Agent);
    let call = stack.call("dashboard-members", "GET", "/api/dashboard/me");
    let me = call.header("cookie", &agent.cookie()).send(handle).json;
    assert_eq!(me["business"]["id"], tenant.business_id.as_str());
    assert_eq!(
        (&me["member"]["id"], &me["role"]),
        (&json!(agent.member_id), &json!("agent"))
    );
    let csrf = me["csrf_token"].as_str().unwrap();
    assert!(!agent.token.contains(csrf) && csrf.len() == 64, "{csrf}");
    // Nothing sends a token by itself.
    let bearer = ask(&stack, "GET", "me", &agent.token, &Value::Null).json;
    assert_eq!(bearer["csrf_token"], Value::Null);
}

#[test]
fn me_get_answers_of_a_session_that_a_key_opened() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("dashboard", "POST", "/api/dashboard/sessions");
    let opened = call
        .key(&tenant.admin_key)
        .send(dashboard::handler::handle)
        .json;
    let me = ask(
        &stack,
        "GET",
        "me",
        opened["token"].as_str().unwrap(),
        &Value::Null,
    )
    .json;
    assert_eq!(
        (&me["member"], &me["role"]),
        (&Value::Null, &json!("owner"))
    );
}

#[test]
fn me_get_refuses_invalid_input() {
    let (stack, _, agent) = with_member(Role::Agent);
    let answer = ask(&stack, "GET", "me?x=1", &agent.token, &Value::Null);
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn me_get_refuses_callers() {
    refuses_callers("GET", "me", &Value::Null);
}

#[test]
fn a_change_by_cookie_needs_what_only_our_pages_know() {
    let (stack, _, admin) = with_member(Role::Admin);
    let other = stack.tenant("Other");
    let foreign = stack.member(&other, Role::Admin);
    let csrf_of = |cookie: &str| {
        let call = stack.call("dashboard-members", "GET", "/api/dashboard/me");
        let me = call.header("cookie", cookie).send(handle).json;
        me["csrf_token"].as_str().unwrap().to_owned()
    };
    let invite = |csrf: Option<&str>| {
        let call = stack.call("dashboard-members", "POST", "/api/dashboard/members");
        let call = call.header("cookie", &admin.cookie());
        let call = match csrf {
            Some(csrf) => call.header("x-csrf-token", csrf),
            None => call,
        };
        let body = json!({ "email": "joe@acme.example", "name": "Joe", "role": "agent" });
        call.json(&body).send(handle)
    };
    let theirs = csrf_of(&foreign.cookie());
    for csrf in [None, Some(""), Some(theirs.as_str())] {
        assert_eq!(
            invite(csrf).refusal(),
            (403, "invalid_csrf_token"),
            "{csrf:?}"
        );
    }
    assert_eq!(invite(Some(&csrf_of(&admin.cookie()))).status, 201);
}

#[test]
fn a_session_goes_on_while_it_is_used_and_for_a_week_at_most() {
    let (stack, _, agent) = with_member(Role::Agent);
    let status = || ask(&stack, "GET", "me", &agent.token, &Value::Null).status;
    let hours = 11;
    for hour in (0..7 * 24).step_by(hours) {
        assert_eq!(status(), 200, "after {hour} hours");
        stack.advance(i64::try_from(hours).unwrap() * 3_600_000_000);
    }
    assert_eq!(status(), 401);
}

#[test]
fn another_role_and_a_removal_are_felt_at_once() {
    let (stack, _, agent) = with_member(Role::Agent);
    let me = || ask(&stack, "GET", "me", &agent.token, &Value::Null);
    stack.db.sql(&format!(
        "UPDATE members SET role = 'viewer' WHERE id = '{}'",
        agent.member_id
    ));
    assert_eq!(me().json["role"], "viewer");
    stack.db.sql(&format!(
        "DELETE FROM members WHERE id = '{}'",
        agent.member_id
    ));
    assert_eq!(me().refusal(), (401, "invalid_token"));
}
