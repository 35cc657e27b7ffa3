use super::{Desk, handle, nothing};
use common::time::SECOND;
use serde_json::json;

fn refuses_callers(method: &str, path: &str) {
    let desk = Desk::new();
    let path = format!("/embed/api/{path}");
    let call = || desk.stack.call("embed-api", method, &path).json(&nothing());
    let missing = (401, "missing_token");
    assert_eq!(call().send(handle).refusal(), missing);
    assert_eq!(
        call().key(&desk.tenant.admin_key).send(handle).refusal(),
        missing
    );
    let session = desk.stack.session(&desk.tenant);
    let altered = format!("{}A", desk.token);
    for token in ["x", "a.b.c", &session, &desk.tenant.api_key, &altered] {
        let answer = call().bearer(token).send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_token"), "{token}");
    }
    desk.stack.advance(3600 * SECOND);
    let over = call().bearer(&desk.token).send(handle);
    assert_eq!(over.refusal(), (401, "invalid_token"));
}

#[test]
fn inbox_list_refuses_callers_without_a_token() {
    refuses_callers("GET", "conversations");
}

#[test]
fn inbox_thread_refuses_callers_without_a_token() {
    refuses_callers("GET", "conversation?id=x");
}

#[test]
fn inbox_changes_refuses_callers_without_a_token() {
    refuses_callers("GET", "changes?after=0");
}

#[test]
fn inbox_read_refuses_callers_without_a_token() {
    refuses_callers("POST", "read");
}

#[test]
fn inbox_note_refuses_callers_without_a_token() {
    refuses_callers("POST", "notes");
}

#[test]
fn inbox_assignees_refuses_callers_without_a_token() {
    refuses_callers("GET", "assignees");
}

#[test]
fn inbox_contact_refuses_callers_without_a_token() {
    refuses_callers("POST", "contact");
}

#[test]
fn another_businesss_conversation_is_not_there() {
    let desk = Desk::new();
    let conversation = desk.receive("353871234567", "Hello");
    let message = desk.newest_message(&conversation);
    let other = desk.stack.tenant("Another business");
    let token = desk.stack.inbox_token(&other, None, None).token;
    is_not_there(&desk, &token, &conversation, &message);
}

#[test]
fn another_customers_conversation_is_not_there_for_a_token_of_one() {
    let desk = Desk::new();
    let conversation = desk.receive("353871234567", "Hello");
    let own = desk.receive("353877654321", "Good morning");
    let message = desk.newest_message(&conversation);
    let token = desk.bound_to(&own);
    is_not_there(&desk, &token, &conversation, &message);
    let listed = desk.get_by(&token, "conversations?status=all");
    assert_eq!(super::ids(&listed), [own.as_str()]);
    assert_eq!(listed.json["counts"]["open"], 1);
    assert_eq!(listed.json["counts"]["unread"], 1);
    let found = desk.get_by(&token, "conversations?status=all&q=hello");
    assert_eq!(super::ids(&found), [""; 0]);
    let found = desk.get_by(&token, "conversations?status=all&q=MORNING");
    assert_eq!(super::ids(&found), [own.as_str()]);
    let thread = desk.get_by(&token, &format!("conversation?id={own}"));
    assert_eq!(thread.status, 200);
    let mixed = json!({"conversation_id": own, "message_id": message});
    assert_eq!(
        desk.post_by(&token, "read", &mixed).refusal(),
        (404, "not_found")
    );
}

fn is_not_there(desk: &Desk, token: &str, conversation: &str, message: &str) {
    let not_found = (404, "not_found");
    let thread = desk.get_by(token, &format!("conversation?id={conversation}"));
    assert_eq!(thread.refusal(), not_found);
    assert!(!thread.text().contains("Hello"));
    let read = json!({"conversation_id": conversation, "message_id": message});
    assert_eq!(desk.post_by(token, "read", &read).refusal(), not_found);
    let note = json!({"conversation_id": conversation, "content": "x"});
    assert_eq!(desk.post_by(token, "notes", &note).refusal(), not_found);
    let counts = desk.text(
        "SELECT (SELECT count(*) FROM conversation_notes) || ' ' ||
           (SELECT count(*) FROM outbox WHERE event = 'inbox.changed') || ' ' ||
           (SELECT min(unread_count) FROM conversations)",
    );
    assert_eq!(counts, "0 0 1");
}

#[test]
fn a_page_of_another_origin_may_not_read_the_answers() {
    let desk = Desk::new();
    let answer = desk.get("conversations");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let refusal = desk.get_by("x", "conversations");
    assert_eq!(refusal.header("access-control-allow-origin"), None);
}

#[test]
fn each_token_has_a_limit_of_its_own() {
    let desk = Desk::new();
    desk.stack.limit_requests(1);
    assert_eq!(desk.get("conversations").status, 200);
    assert_eq!(desk.get("conversations").refusal(), (429, "rate_limited"));
}
