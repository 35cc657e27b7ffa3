use common::http::Role;
use common::time::SECOND;
use serde_json::{Value, json};
use sso_token::handler::handle;
use testkit::{Answer, Stack};

fn opened(stack: &Stack, bearer: &str) -> Answer {
    let call = stack.call("sso-token", "POST", "/api/dashboard/inbox-session");
    call.bearer(bearer).send(handle)
}

fn list(stack: &Stack, token: &str) -> Answer {
    let call = stack.call("embed-api", "GET", "/embed/api/conversations");
    call.bearer(token).send(embed_api::handler::handle)
}

/// What each of the inbox's writes answers: they find no such conversation, unless the role refuses first.
fn writes(stack: &Stack, token: &str) -> Vec<(u16, Value)> {
    let said = |answer: Answer| (answer.status, answer.json["code"].clone());
    let id = "01920000-0000-7000-8000-0000000000ff";
    let call = |function, method, path| stack.call(function, method, path).bearer(token);
    let note = json!({"conversation_id": id, "content": "Hello"});
    let change = json!({"conversation_id": id, "status": "closed"});
    let assign = json!({"conversation_id": id, "assignee": "7"});
    let read = json!({"conversation_id": id, "message_id": id});
    let send = json!({"customer_id": id, "channel": "sms", "content": "Hello"});
    let api = embed_api::handler::handle;
    let conversations = conversations::handler::handle;
    vec![
        said(
            call("embed-api", "POST", "/embed/api/notes")
                .json(&note)
                .send(api),
        ),
        said(
            call("embed-api", "POST", "/embed/api/read")
                .json(&read)
                .send(api),
        ),
        said(
            call("conversations", "PATCH", "/embed/api/conversation")
                .json(&change)
                .send(conversations),
        ),
        said(
            call("conversations", "PATCH", "/embed/api/conversation")
                .json(&assign)
                .send(conversations),
        ),
        said(
            call("send-message", "POST", "/embed/api/messages")
                .json(&send)
                .send(send_message::handler::handle),
        ),
    ]
}

#[test]
fn inbox_session_create_answers_a_token_for_a_quarter_of_an_hour() {
    let (stack, tenant) = Stack::with_tenant();
    for role in Role::ALL {
        let member = stack.member(&tenant, role);
        let answer = opened(&stack, &member.token);
        assert_eq!(answer.status, 200, "{role} {}", answer.text());
        assert_eq!(answer.json["expires_at"], "2026-01-02T03:19:05.000000Z");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let token = answer.json["token"].as_str().unwrap();
        assert!(!answer.log.to_string().contains(token));
        assert_eq!(list(&stack, token).status, 200, "{role}");
    }
}

#[test]
fn a_viewers_inbox_writes_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    for role in Role::ALL {
        let token = stack.member_inbox(&stack.member(&tenant, role));
        for (status, code) in writes(&stack, &token) {
            let is_refused = (status, &code) == (403, &json!("insufficient_scope"));
            assert_eq!(is_refused, role == Role::Viewer, "{role} {status} {code}");
            assert!(
                is_refused || status == 404 || status == 422,
                "{role} {status} {code}"
            );
        }
    }
}

#[test]
fn a_token_that_a_crm_asked_for_writes_as_before() {
    let (stack, tenant) = Stack::with_tenant();
    let made = stack.inbox_token(&tenant, None, Some(("7", "Ann")));
    for (status, code) in writes(&stack, &made.token) {
        assert_ne!(status, 403, "{code}");
    }
}

#[test]
fn it_is_dead_a_minute_after_the_member_is_removed_or_has_another_role() {
    for change in [
        "DELETE FROM members WHERE id =",
        "UPDATE members SET role = 'viewer' WHERE id =",
    ] {
        let (stack, tenant) = Stack::with_tenant();
        let (gone, stays) = (
            stack.member(&tenant, Role::Agent),
            stack.member(&tenant, Role::Agent),
        );
        let tokens = [stack.member_inbox(&gone), stack.member_inbox(&stays)];
        assert_eq!(list(&stack, &tokens[0]).status, 200);
        stack.db.sql(&format!("{change} '{}'", gone.member_id));
        stack.advance(60 * SECOND);
        assert_eq!(
            list(&stack, &tokens[0]).refusal(),
            (401, "invalid_token"),
            "{change}"
        );
        assert_eq!(list(&stack, &tokens[1]).status, 200, "{change}");
    }
}

#[test]
fn inbox_session_create_refuses_callers_who_are_nobody() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || stack.call("sso-token", "POST", "/api/dashboard/inbox-session");
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("x").send(handle).refusal(),
        (401, "invalid_token")
    );
    let printed = opened(&stack, &stack.session(&tenant));
    assert_eq!(printed.status, 200, "{}", printed.text());
    let printed = printed.json["token"].as_str().unwrap();
    assert_eq!(list(&stack, printed).status, 200);
    let member = stack.member(&tenant, Role::Agent);
    let inbox = stack.member_inbox(&member);
    assert_eq!(opened(&stack, &inbox).refusal(), (401, "invalid_token"));
}

#[test]
fn inbox_session_create_refuses_invalid_input_of_another_method() {
    let (stack, tenant) = Stack::with_tenant();
    let member = stack.member(&tenant, Role::Agent);
    let call = stack.call("sso-token", "GET", "/api/dashboard/inbox-session");
    assert_eq!(call.bearer(&member.token).send(handle).status, 405);
}
