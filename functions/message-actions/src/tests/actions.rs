//! What Meta does to comments.

use super::*;

#[test]
fn what_the_page_wrote_is_deleted_but_neither_hidden_nor_answered_privately() {
    let desk = Desk::new();
    let own = Desk {
        id: desk.commented(PAGE, "690_2", "Come in"),
        ..desk
    };
    for answer in [own.reply("Hi"), own.act("hide"), own.act("unhide")] {
        assert_eq!((answer.status, answer.detail()), (422, ("id", "inbound")));
    }
    own.will(200, json!({"success": true}));
    assert_eq!(own.delete().status, 200);
    assert_eq!(own.asked(), [("DELETE 690_2".to_owned(), Json::Null)]);
}

#[test]
fn comment_hide_answers_with_the_comment_that_others_no_longer_see() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    let hidden = desk.act("hide");
    assert_eq!(hidden.status, 200, "{}", hidden.text());
    assert_eq!(hidden.json["message"]["detail"]["hidden"], true);
    assert_eq!(hidden.json["message"]["content"], "Is it open?");
    let body = json!({"is_hidden": true});
    assert_eq!(desk.asked(), [("POST 690_1".to_owned(), body)]);
    assert_eq!(desk.events().last().unwrap(), "message.updated");
    // It is as good as done twice, and nobody is told again.
    let told = desk.events();
    desk.will(200, json!({"success": true}));
    assert_eq!(desk.act("hide").status, 200);
    assert_eq!(desk.events(), told);
}

#[test]
fn comment_hide_refuses_invalid_input() {
    let desk = Desk::new();
    let nobody = "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000/hide";
    let answer = desk.call(Method::Post, nobody, &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
    // A message of another channel is no comment.
    desk.stack
        .db
        .sql("UPDATE messages SET channel = 'facebook'");
    let answer = desk.act("hide");
    assert_eq!((answer.status, answer.detail()), (422, ("id", "comment")));
    assert!(desk.asked().is_empty());
}

#[test]
fn comment_hide_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/hide");
}

#[test]
fn comment_unhide_answers_with_the_comment_that_all_see() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    desk.act("hide");
    desk.stack.advance(1_000_000);
    desk.will(200, json!({"success": true}));
    let shown = desk.act("unhide");
    assert_eq!(shown.json["message"]["detail"]["hidden"], false);
    assert_eq!(desk.asked()[1].1, json!({"is_hidden": false}));
}

#[test]
fn comment_unhide_refuses_invalid_input() {
    let desk = Desk::new();
    let answer = desk.call(Method::Post, "x/unhide", &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn comment_unhide_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/unhide");
}

#[test]
fn comment_delete_answers_with_what_is_left_of_the_comment() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    let deleted = desk.delete();
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let message = &deleted.json["message"];
    assert_eq!(
        (&message["content"], &message["detail"]["deleted"]),
        (&json!(""), &json!(true))
    );
    assert_eq!(message["detail"]["post"]["id"], POST);
    // What is gone cannot be answered.
    for answer in [desk.delete(), desk.act("hide"), desk.reply("Hi")] {
        assert_eq!(answer.refusal(), (409, "conflict"));
    }
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn what_is_deleted_is_gone_with_its_files() {
    let desk = Desk::new();
    let (business, id) = (&desk.tenant.business_id, &desk.id);
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           size, created_at)
         VALUES ('{business}', 'a-1', '{id}', 0, 'ready', 'image.jpg', 'image/jpeg', 5, 0)"
    ));
    let blobs = &desk.stack.ports.blobs;
    let key = format!("{business}/a-1");
    blobs.borrow_mut().insert(key, b"bytes".to_vec());
    desk.will(200, json!({"success": true}));
    let deleted = desk.delete();
    assert_eq!(deleted.json["message"]["attachments"], json!([]));
    assert!(blobs.borrow().is_empty());
}

#[test]
fn comment_delete_refuses_invalid_input() {
    let desk = Desk::new();
    let answer = desk.call(Method::Delete, "x", &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn comment_delete_refuses_callers_without_a_session() {
    asks_for_a_session("DELETE", "x");
}

#[test]
fn what_meta_refuses_or_does_not_answer_changes_nothing_here() {
    let desk = Desk::new();
    let gone = json!({"error": {"message": "gone", "code": 100, "error_subcode": 33}});
    desk.will(400, gone);
    let refused = desk.delete();
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert_eq!(refused.json["details"][0]["rule"], "100");
    desk.stack.ports.will(timed_out());
    assert_eq!(desk.act("hide").refusal(), (503, "unavailable"));
    desk.will(
        400,
        json!({"error": {"message": "limit", "code": 4, "is_transient": true}}),
    );
    assert_eq!(desk.act("hide").refusal(), (503, "unavailable"));
    assert_eq!(desk.detail()["hidden"], Json::Null);
    assert_eq!(desk.detail()["deleted"], Json::Null);
}

#[test]
fn an_account_that_is_disabled_or_gone_does_nothing_more() {
    for change in [
        "status = 'disabled'",
        "deleted_at = 1",
        "credentials = NULL",
    ] {
        let desk = Desk::new();
        desk.stack.db.sql(&format!("UPDATE channels SET {change}"));
        for answer in [desk.act("hide"), desk.delete(), desk.reply("Hi")] {
            assert_eq!(answer.refusal(), (409, "conflict"), "{change}");
        }
        assert!(desk.asked().is_empty());
    }
}

#[test]
fn another_business_has_no_such_comment() {
    let desk = Desk::new();
    let other = desk.stack.tenant("other");
    let stranger = Desk {
        session: desk.stack.session(&other),
        ..desk
    };
    for answer in [
        stranger.act("hide"),
        stranger.delete(),
        stranger.reply("Hi"),
    ] {
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    assert!(stranger.asked().is_empty());
}
