mod invite;
mod me;
mod owners;
mod provider;

use common::db::Value as Cell;
use common::http::Role;
use dashboard_members::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, SignedIn, Stack, Tenant};

/// A deployment with one business, and a member of it with this role.
fn with_member(role: Role) -> (Stack, Tenant, SignedIn) {
    let (stack, tenant) = Stack::with_tenant();
    let member = stack.member(&tenant, role);
    (stack, tenant, member)
}

fn ask(stack: &Stack, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let target = format!("/api/dashboard/{path}");
    let call = stack.call("dashboard-members", method, &target);
    call.bearer(token).json_unless_null(body).send(handle)
}

fn invite(stack: &Stack, token: &str, email: &str, role: &str) -> Answer {
    let body = json!({ "email": email, "name": "Joe Bloggs", "role": role });
    ask(stack, "POST", "members", token, &body)
}

fn count(stack: &Stack, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {table}");
    match stack.db.value(&count) {
        Cell::Integer(count) => count,
        other => panic!("{other:?} is no count"),
    }
}

/// Calls each operation without a session, with a key, and with a session that is over.
fn refuses_callers(method: &str, path: &str, body: &Value) {
    let (stack, tenant, member) = with_member(Role::Owner);
    let target = format!("/api/dashboard/{path}");
    let call = || {
        let call = stack.call("dashboard-members", method, &target);
        call.json_unless_null(body)
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let keyed = call().key(&tenant.admin_key).send(handle);
    assert_eq!(keyed.refusal(), (401, "missing_token"));
    stack.advance(12 * 3_600_000_000);
    let late = call().bearer(&member.token).send(handle);
    assert_eq!(late.refusal(), (401, "invalid_token"));
}

#[test]
fn member_list_answers_by_address_page_by_page() {
    let (stack, _, owner) = with_member(Role::Owner);
    let _ = stack.member(&stack.tenant("Other"), Role::Owner);
    for email in ["Zoe@acme.example", "ann@acme.example"] {
        assert_eq!(invite(&stack, &owner.token, email, "agent").status, 201);
    }
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ask(
            &stack,
            "GET",
            &format!("members?limit=1{cursor}"),
            &owner.token,
            &Value::Null,
        );
        assert_eq!(page.status, 200, "{}", page.text());
        let members = page.json["members"].as_array().unwrap();
        found.extend(
            members
                .iter()
                .map(|member| member["email"].as_str().unwrap().to_owned()),
        );
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found.len(), 3, "none of the other business");
    assert!(found.is_sorted());
    assert!(
        found.contains(&"zoe@acme.example".to_owned()),
        "in lower case: {found:?}"
    );
}

#[test]
fn member_list_refuses_invalid_input() {
    let (stack, _, owner) = with_member(Role::Viewer);
    for query in ["limit=0", "limit=201", "cursor=x", "page=2"] {
        let answer = ask(
            &stack,
            "GET",
            &format!("members?{query}"),
            &owner.token,
            &Value::Null,
        );
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}

#[test]
fn member_list_refuses_callers() {
    refuses_callers("GET", "members", &Value::Null);
}
