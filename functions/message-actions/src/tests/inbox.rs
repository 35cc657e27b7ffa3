//! The same, from the inbox.

use super::*;

#[test]
fn inbox_comment_answers_with_what_became_of_the_comment() {
    let desk = Desk::new();
    let ask = |action: &str| desk.inbox(None, &json!({"message_id": desk.id, "action": action}));
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("hide").json["message"]["detail"]["hidden"], true);
    desk.stack.advance(1_000_000);
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("unhide").json["message"]["detail"]["hidden"], false);
    desk.will(200, taken());
    let body = json!({"message_id": desk.id, "action": "private_reply", "text": "Hi"});
    assert_eq!(desk.inbox(None, &body).json["message"]["content"], "Hi");
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("delete").json["message"]["detail"]["deleted"], true);
}

#[test]
fn inbox_comment_refuses_invalid_input() {
    let desk = Desk::new();
    for (body, detail) in [
        (json!({"message_id": desk.id}), ("action", "known_action")),
        (
            json!({"message_id": desk.id, "action": "like"}),
            ("action", "known_action"),
        ),
        (
            json!({"message_id": desk.id, "action": "hide", "text": "x"}),
            ("text", "of_private_reply"),
        ),
        (
            json!({"message_id": desk.id, "action": "private_reply"}),
            ("text", "required"),
        ),
    ] {
        let answer = desk.inbox(None, &body);
        assert_eq!((answer.status, answer.detail()), (422, detail), "{body}");
    }
    let nothing = desk.inbox(None, &json!({"action": "hide"}));
    assert_eq!(nothing.refusal(), (404, "not_found"));
}

#[test]
fn inbox_comment_refuses_callers_bound_to_another_customer() {
    let desk = Desk::new();
    let id = desk.commented("7001", "690_2", "Hi");
    let joe = desk.text(&format!(
        "SELECT customer_id FROM identities WHERE value = '{JOE}'"
    ));
    let hide = |id: &str| desk.inbox(Some(&joe), &json!({"message_id": id, "action": "hide"}));
    assert_eq!(hide(&id).refusal(), (404, "not_found"));
    assert!(desk.asked().is_empty());
    desk.will(200, json!({"success": true}));
    assert_eq!(hide(&desk.id).status, 200);
    let call = desk
        .stack
        .call("message-actions", "POST", "/embed/api/comments");
    assert_eq!(
        call.json(&json!({})).send(handle).refusal(),
        (401, "missing_token")
    );
}
