use super::{ask, count, invite, refuses_callers, with_member};
use common::http::Role;
use serde_json::{Value, json};
use testkit::{SignedIn, Stack, answer, refused};

/// The secret of a link.
fn token_of(url: &Value) -> String {
    let (page, token) = url.as_str().unwrap().split_once('#').unwrap();
    assert!(page.ends_with("/dashboard/sign-in"), "{page}");
    token.to_owned()
}

#[test]
fn member_invite_answers_with_a_link_that_is_stored_as_a_hash() {
    let (stack, _, admin) = with_member(Role::Admin);
    let made = invite(&stack, &admin.token, " Joe@ACME.example ", "agent");
    assert_eq!(made.status, 201, "{}", made.text());
    let member = &made.json["member"];
    assert_eq!(
        (&member["email"], &member["signed_in_at"]),
        (&json!("joe@acme.example"), &Value::Null)
    );
    let token = token_of(&made.json["sign_in_url"]);
    let stored = stack
        .db
        .value("SELECT secret_hash FROM sign_in_links")
        .into_text()
        .unwrap();
    assert!(!token.contains(&stored) && stored.len() == 64);
    let audited = stack
        .db
        .value("SELECT member_id || ' ' || target FROM audit_log")
        .into_text()
        .unwrap();
    assert_eq!(
        audited,
        format!("{} {}", admin.member_id, member["id"].as_str().unwrap())
    );
}

#[test]
fn member_invite_refuses_invalid_input_and_stores_nothing() {
    let (stack, _, admin) = with_member(Role::Admin);
    let valid = json!({ "email": "joe@acme.example", "name": "Joe", "role": "agent" });
    for (field, value) in [
        ("email", json!("joe")),
        ("email", json!(["joe@acme.example"])),
        ("email", Value::Null),
        ("name", json!("")),
        ("name", json!("J".repeat(201))),
        ("role", json!("root")),
        ("role", json!("Owner")),
        ("password", json!("x")),
    ] {
        let mut body = valid.clone();
        body[field] = value.clone();
        let answer = ask(&stack, "POST", "members", &admin.token, &body);
        assert_eq!(
            answer.refusal(),
            (422, "invalid_request"),
            "{field} {value}"
        );
    }
    assert_eq!(
        (count(&stack, "members"), count(&stack, "sign_in_links")),
        (1, 0)
    );
}

#[test]
fn member_invite_refuses_an_address_that_a_member_has_and_gives_nobody_a_link() {
    let (stack, _, admin) = with_member(Role::Admin);
    assert_eq!(
        invite(&stack, &admin.token, "joe@acme.example", "agent").status,
        201
    );
    let again = invite(&stack, &admin.token, "JOE@acme.example", "admin");
    assert_eq!(again.refusal(), (409, "conflict"));
    assert_eq!(
        (count(&stack, "members"), count(&stack, "sign_in_links")),
        (2, 1)
    );
    // Elsewhere the address is another person's.
    let other = stack.member(&stack.tenant("Other"), Role::Admin);
    assert_eq!(
        invite(&stack, &other.token, "joe@acme.example", "agent").status,
        201
    );
}

#[test]
fn member_invite_makes_a_thousand_members_at_most() {
    let (stack, tenant, admin) = with_member(Role::Admin);
    stack.db.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
         INSERT INTO members (business_id, id, email, name, role, created_at)
         SELECT '{}', 'm' || i, i || '@acme.example', 'M', 'viewer', 0 FROM n",
        tenant.business_id
    ));
    assert_eq!(
        invite(&stack, &admin.token, "last@acme.example", "viewer").status,
        201
    );
    let more = invite(&stack, &admin.token, "more@acme.example", "viewer");
    assert_eq!(more.refusal(), (403, "quota_exceeded"));
}

#[test]
fn member_invite_refuses_callers() {
    let body = json!({ "email": "joe@acme.example", "name": "Joe", "role": "agent" });
    refuses_callers("POST", "members", &body);
    let (stack, _, agent) = with_member(Role::Agent);
    let refused = invite(&stack, &agent.token, "joe@acme.example", "viewer");
    assert_eq!(refused.refusal(), (403, "insufficient_scope"));
}

#[test]
fn member_sign_in_link_answers_with_a_link_in_the_place_of_the_one_before() {
    let (stack, _, admin) = with_member(Role::Admin);
    let made = invite(&stack, &admin.token, "joe@acme.example", "agent").json;
    let path = format!(
        "members/{}/sign-in-link",
        made["member"]["id"].as_str().unwrap()
    );
    let other = ask(&stack, "POST", &path, &admin.token, &Value::Null);
    assert_eq!(other.status, 200, "{}", other.text());
    assert_ne!(
        token_of(&other.json["sign_in_url"]),
        token_of(&made["sign_in_url"])
    );
    assert_eq!(count(&stack, "sign_in_links"), 1);
}

#[test]
fn member_sign_in_link_refuses_invalid_input_and_members_of_others() {
    let (stack, _, admin) = with_member(Role::Admin);
    let foreign = stack.member(&stack.tenant("Other"), Role::Agent).member_id;
    for id in ["x", foreign.as_str()] {
        let path = format!("members/{id}/sign-in-link");
        let answer = ask(&stack, "POST", &path, &admin.token, &Value::Null);
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
    assert_eq!(count(&stack, "sign_in_links"), 0);
}

#[test]
fn member_sign_in_link_refuses_callers() {
    let (stack, tenant, admin) = with_member(Role::Admin);
    let owner = stack.member(&tenant, Role::Owner);
    let path = format!("members/{}/sign-in-link", owner.member_id);
    let refused = ask(&stack, "POST", &path, &admin.token, &Value::Null);
    assert_eq!(
        refused.refusal(),
        (403, "insufficient_scope"),
        "an admin would be an owner by it"
    );
    refuses_callers("POST", &path, &Value::Null);
}

/// A deployment whose operator has an account of email.
fn mailing() -> (Stack, SignedIn) {
    let (stack, tenant, admin) = with_member(Role::Admin);
    let operator = stack.tenant("Operator");
    let settings = json!({ "provider": "resend" });
    let credentials = json!({ "api_key": "re_1" });
    let address = "hello@tieline.example";
    let _ = stack.channel(&operator, "email", address, &settings, &credentials);
    stack
        .ports
        .set("OPERATOR_BUSINESS_ID", &operator.business_id);
    stack.db.sql(&format!(
        "UPDATE businesses SET name = 'Acme\nBcc: all' WHERE id = '{}'",
        tenant.business_id
    ));
    (stack, admin)
}

#[test]
fn who_is_invited_gets_the_link_by_email_where_there_is_an_account() {
    let (stack, admin) = mailing();
    stack.ports.will(answer(200, &json!({ "id": "mail-1" })));
    let made = invite(&stack, &admin.token, "Joe@acme.example", "agent");
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(
        (&made.json["sign_in_url"], &made.json["email_error"]),
        (&Value::Null, &Value::Null)
    );
    let requests = stack.ports.take_requests();
    let sent: Value = serde_json::from_slice(requests[0].body.as_ref().unwrap()).unwrap();
    assert_eq!(sent["to"], json!(["joe@acme.example"]));
    assert_eq!(sent["subject"], "You are invited to Acme Bcc: all");
    let text = sent["text"].as_str().unwrap();
    let link = text
        .lines()
        .find(|line| line.contains("/dashboard/sign-in#tli_"));
    assert!(link.is_some(), "{text}");
    assert!(!made.log.to_string().contains("tli_"));
    // Whoever asks for another one is shown it.
    let path = format!(
        "members/{}/sign-in-link",
        made.json["member"]["id"].as_str().unwrap()
    );
    let other = ask(&stack, "POST", &path, &admin.token, &Value::Null);
    assert!(token_of(&other.json["sign_in_url"]).starts_with("tli_"));
    assert!(stack.ports.take_requests().is_empty());
}

#[test]
fn an_invitation_that_cannot_be_sent_shows_the_link_and_says_why() {
    let (stack, admin) = mailing();
    let why = json!({ "name": "validation_error", "message": "The domain is not verified." });
    for outcome in [answer(403, &why), refused()] {
        stack.ports.will(outcome);
        let email = format!("joe{}@acme.example", count(&stack, "members"));
        let made = invite(&stack, &admin.token, &email, "agent");
        assert_eq!(made.status, 201, "{}", made.text());
        assert!(token_of(&made.json["sign_in_url"]).starts_with("tli_"));
        let error = made.json["email_error"].as_str().unwrap();
        assert!(!error.is_empty(), "{error}");
        assert_eq!(made.log["note"], "the invitation was not sent");
    }
    assert_eq!(
        count(&stack, "sign_in_links"),
        2,
        "stored before it is sent"
    );
}
