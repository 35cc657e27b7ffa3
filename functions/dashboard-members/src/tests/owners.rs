use super::{ask, count, refuses_callers, with_member};
use common::http::Role;
use serde_json::{Value, json};

const FOREIGN: &str = "members/01a1f84a-9a0f-7e21-8c44-5b0d7f3e0810";

#[test]
fn member_update_answers_with_what_changed() {
    let (stack, tenant, admin) = with_member(Role::Admin);
    let agent = stack.member(&tenant, Role::Agent);
    let path = format!("members/{}", agent.member_id);
    let changed = ask(
        &stack,
        "PATCH",
        &path,
        &admin.token,
        &json!({ "role": "viewer" }),
    );
    assert_eq!(
        (changed.status, &changed.json["role"]),
        (200, &json!("viewer")),
        "{}",
        changed.text()
    );
    assert_eq!(changed.json["name"], "The agent");
    let named = ask(
        &stack,
        "PATCH",
        &path,
        &admin.token,
        &json!({ "name": "Joe" }),
    )
    .json;
    assert_eq!(
        (&named["name"], &named["role"]),
        (&json!("Joe"), &json!("viewer"))
    );
}

#[test]
fn member_update_refuses_invalid_input() {
    let (stack, _, admin) = with_member(Role::Admin);
    let foreign = stack.member(&stack.tenant("Other"), Role::Agent).member_id;
    let itself = format!("members/{}", admin.member_id);
    for body in [
        json!({ "role": "root" }),
        json!({ "name": "" }),
        json!({ "email": "a@b.example" }),
    ] {
        let answer = ask(&stack, "PATCH", &itself, &admin.token, &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    for path in [
        format!("members/{foreign}"),
        FOREIGN.to_owned(),
        "members/x".to_owned(),
    ] {
        let answer = ask(
            &stack,
            "PATCH",
            &path,
            &admin.token,
            &json!({ "role": "viewer" }),
        );
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}");
    }
}

#[test]
fn member_update_refuses_callers() {
    refuses_callers("PATCH", FOREIGN, &json!({ "role": "viewer" }));
}

#[test]
fn only_an_owner_makes_and_changes_owners() {
    let (stack, tenant, admin) = with_member(Role::Admin);
    let owner = stack.member(&tenant, Role::Owner);
    let of = |id: &str| format!("members/{id}");
    let (itself, theirs) = (of(&admin.member_id), of(&owner.member_id));
    let promotes = json!({ "role": "owner" });
    for (method, path, body) in [
        ("PATCH", &itself, &promotes),
        ("PATCH", &theirs, &json!({ "name": "Mine" })),
        ("DELETE", &theirs, &Value::Null),
    ] {
        let refused = ask(&stack, method, path, &admin.token, body);
        assert_eq!(
            refused.refusal(),
            (403, "insufficient_scope"),
            "{method} {path}"
        );
    }
    let invited = super::invite(&stack, &admin.token, "eve@acme.example", "owner");
    assert_eq!(invited.refusal(), (403, "insufficient_scope"));
    assert_eq!(
        ask(&stack, "PATCH", &itself, &owner.token, &promotes).status,
        200
    );
}

#[test]
fn one_owner_stays() {
    let (stack, tenant, owner) = with_member(Role::Owner);
    let foreign = stack.member(&stack.tenant("Other"), Role::Owner);
    let itself = format!("members/{}", owner.member_id);
    let steps_down = json!({ "role": "admin" });
    for (method, body) in [("PATCH", &steps_down), ("DELETE", &Value::Null)] {
        let refused = ask(&stack, method, &itself, &owner.token, body);
        assert_eq!(refused.refusal(), (409, "conflict"), "{method}");
    }
    let _ = (foreign, stack.member(&tenant, Role::Owner));
    assert_eq!(
        ask(&stack, "PATCH", &itself, &owner.token, &steps_down).status,
        200
    );
}

#[test]
fn member_remove_answers_and_ends_what_the_member_could_do() {
    let (stack, tenant, admin) = with_member(Role::Admin);
    let agent = stack.member(&tenant, Role::Agent);
    let path = format!("members/{}", agent.member_id);
    let link = ask(
        &stack,
        "POST",
        &format!("{path}/sign-in-link"),
        &admin.token,
        &Value::Null,
    );
    assert_eq!((link.status, count(&stack, "sign_in_links")), (200, 1));
    assert_eq!(
        ask(&stack, "DELETE", &path, &admin.token, &Value::Null).status,
        204
    );
    assert_eq!(
        (count(&stack, "members"), count(&stack, "sessions")),
        (1, 1)
    );
    assert_eq!(count(&stack, "sign_in_links"), 0);
    let after = ask(&stack, "GET", "me", &agent.token, &Value::Null);
    assert_eq!(after.refusal(), (401, "invalid_token"));
}

#[test]
fn member_remove_refuses_invalid_input() {
    let (stack, _, admin) = with_member(Role::Admin);
    for path in [FOREIGN, "members/x"] {
        let answer = ask(&stack, "DELETE", path, &admin.token, &Value::Null);
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}");
    }
}

#[test]
fn member_remove_refuses_callers() {
    refuses_callers("DELETE", FOREIGN, &Value::Null);
}
