use super::{me, post};
use common::http::Role;
use dashboard_members::handler::handle as members;
use serde_json::{Value, json};
use sign_in::handler::handle;
use testkit::{Answer, Stack, Tenant};

/// A link's token, for a new agent of the business.
fn invited(stack: &Stack, tenant: &Tenant) -> String {
    let owner = stack.member(tenant, Role::Owner);
    let body = json!({ "email": "joe@acme.example", "name": "Joe", "role": "agent" });
    let call = stack.call("dashboard-members", "POST", "/api/dashboard/members");
    let made = call.bearer(&owner.token).json(&body).send(members).json;
    let (_, token) = made["sign_in_url"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap();
    token.to_owned()
}

fn complete(stack: &Stack, token: &str) -> Answer {
    post(stack, "complete", &json!({ "token": token }))
}

#[test]
fn sign_in_complete_answers_with_a_session_no_script_can_read() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = complete(&stack, &invited(&stack, &tenant));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let me = me(&stack, &answer);
    assert_eq!(me["member"]["email"], "joe@acme.example");
    assert!(me["member"]["signed_in_at"].is_string());
    let cookie = answer.header("set-cookie").unwrap();
    let (_, token) = cookie.split_once(';').unwrap().0.split_once('=').unwrap();
    assert!(!answer.text().contains(token), "in the cookie alone");
    let audited = stack.db.value(
        "SELECT operation || ' ' || target || ' ' || member_id || ' ' || fields FROM audit_log
         WHERE operation LIKE 'sign_in%'",
    );
    let id = me["member"]["id"].as_str().unwrap();
    assert_eq!(
        audited.into_text().unwrap(),
        format!("sign_in_complete {id} {id} []")
    );
}

#[test]
fn sign_in_complete_takes_a_link_once() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    assert_eq!(complete(&stack, &token).status, 200);
    assert_eq!(complete(&stack, &token).refusal(), (401, "invalid_token"));
}

#[test]
fn sign_in_complete_refuses_a_link_after_a_quarter_of_an_hour() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    stack.advance(900_000_000);
    assert_eq!(complete(&stack, &token).refusal(), (401, "invalid_token"));
}

#[test]
fn sign_in_complete_refuses_a_link_of_who_was_removed() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    stack
        .db
        .sql("DELETE FROM members WHERE email = 'joe@acme.example'");
    assert_eq!(complete(&stack, &token).refusal(), (401, "invalid_token"));
}

#[test]
fn sign_in_complete_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    let (id, secret) = token.rsplit_once('_').unwrap();
    let forged = format!("{id}_{}", secret.chars().rev().collect::<String>());
    for token in [
        forged.as_str(),
        "",
        "x",
        &token.replace("tli_", "tls_"),
        &"t".repeat(9000),
    ] {
        assert_eq!(
            complete(&stack, token).refusal(),
            (401, "invalid_token"),
            "{token}"
        );
    }
    for body in [
        json!({}),
        json!({ "token": 1 }),
        json!({ "token": token, "next": "/" }),
        Value::Null,
    ] {
        let answer = post(&stack, "complete", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    assert_eq!(
        complete(&stack, &token).status,
        200,
        "nothing of it used the link up"
    );
}

#[test]
fn sign_in_complete_refuses_callers_from_another_site() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    for site in ["cross-site", "same-site", "none"] {
        let call = stack.call("sign-in", "POST", "/api/dashboard/sign-in/complete");
        let call = call.header("sec-fetch-site", site);
        let answer = call.json(&json!({ "token": token })).send(handle);
        assert_eq!(answer.refusal(), (403, "invalid_csrf_token"), "{site}");
    }
    assert_eq!(complete(&stack, &token).status, 200);
}

#[test]
fn a_repeated_call_is_no_way_to_the_answer_of_another() {
    let (stack, tenant) = Stack::with_tenant();
    let token = invited(&stack, &tenant);
    let send = || {
        let call = stack.call("sign-in", "POST", "/api/dashboard/sign-in/complete");
        call.header("idempotency-key", "1")
            .json(&json!({ "token": token }))
            .send(handle)
    };
    assert_eq!(send().status, 200);
    assert_eq!(send().refusal(), (401, "invalid_token"));
}
