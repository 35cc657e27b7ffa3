//! Private replies.

use super::*;

#[test]
fn comment_reply_privately_answers_with_the_message_that_the_writer_alone_gets() {
    let desk = Desk::new();
    desk.will(200, taken());
    let replied = desk.reply("We are open until eight.");
    assert_eq!(replied.status, 200, "{}", replied.text());
    let message = &replied.json["message"];
    assert_eq!(message["content"], "We are open until eight.");
    assert_eq!(message["detail"], json!({"private_reply": true}));
    assert_eq!(
        (&message["status"], &message["reply_to"]),
        (&json!("sent"), &json!(desk.id))
    );
    let expected = json!({
        "recipient": {"comment_id": "690_1"}, "messaging_type": "RESPONSE",
        "message": {"text": "We are open until eight."},
    });
    assert_eq!(desk.asked(), [(format!("POST {PAGE}/messages"), expected)]);
    assert_eq!(desk.detail()["private_reply_id"], message["id"]);
    assert_eq!(desk.events().last().unwrap(), "message.updated");
    // What all see goes below the comment as before, not below the message.
    desk.will(200, json!({"id": "690_8"}));
    let body = json!({"conversation_id": message["conversation_id"], "channel": "facebook_comments",
        "content": "See your messages", "reply_to": message["id"]});
    let call = desk.stack.call("send-message", "POST", "/api-send-message");
    let sent = call
        .key(&desk.tenant.api_key)
        .json(&body)
        .send(send_message::handler::handle);
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(desk.asked()[0].0, "POST 690_1/comments");
}

#[test]
fn a_comment_has_one_private_reply_however_it_was_sent() {
    let desk = Desk::new();
    desk.will(200, taken());
    let first = desk.reply("Hi").json["message"]["id"].clone();
    let again = desk.reply("Hi again");
    assert_eq!(again.refusal(), (409, "conflict"));
    assert!(again.text().contains(first.as_str().unwrap()));
    assert_eq!(desk.asked().len(), 1);
    // Nobody knows of this one, so that it may be there.
    let desk = Desk::new();
    desk.stack.ports.will(timed_out());
    let unsure = desk.reply("Hi");
    assert_eq!(
        (unsure.status, &unsure.json["message"]["status"]),
        (202, &json!("uncertain"))
    );
    assert_eq!(desk.reply("Hi").refusal(), (409, "conflict"));
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn a_private_reply_that_meta_refused_is_none_and_may_be_tried_again() {
    let desk = Desk::new();
    for _ in 0..2 {
        desk.will(400, refused());
        let answer = desk.reply("Hi");
        assert_eq!(answer.refusal(), (422, "provider_rejected"));
        assert!(
            answer.text().contains("already replied"),
            "{}",
            answer.text()
        );
    }
    desk.will(200, taken());
    assert_eq!(desk.reply("Hi").status, 200);
    assert_eq!(desk.asked().len(), 3);
}

#[test]
fn two_private_replies_at_once_are_one_and_the_slower_is_told() {
    let desk = Desk::new();
    let quicker = Desk {
        stack: desk.stack.clone(),
        tenant: desk.tenant.clone(),
        session: desk.session.clone(),
        id: desk.id.clone(),
    };
    desk.stack.db.before_next_batch(move || {
        quicker.will(200, taken());
        assert_eq!(quicker.reply("The quicker").status, 200);
    });
    let slower = desk.reply("The slower");
    assert_eq!(slower.refusal(), (409, "conflict"), "{}", slower.text());
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn comment_reply_privately_refuses_invalid_input() {
    let desk = Desk::new();
    let path = format!("{}/private-reply", desk.id);
    for (body, detail) in [
        (json!({}), ("text", "required")),
        (json!({"text": " "}), ("text", "required")),
        (json!({"text": 7}), ("text", "text")),
        (
            json!({"text": "é".repeat(2001)}),
            ("text", "at_most_2000_characters"),
        ),
        (json!({"text": "Hi", "to": "x"}), ("to", "unknown")),
        (json!([]), ("body", "object")),
    ] {
        let answer = desk.call(Method::Post, &path, &body);
        assert_eq!((answer.status, answer.detail()), (422, detail), "{body}");
    }
    let body = json!({"text": "Hi"});
    for id in ["no id", "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000"] {
        let path = format!("{}/private-reply", id.replace(' ', "%20"));
        let answer = desk.call(Method::Post, &path, &body);
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
    desk.stack.advance(7 * DAY);
    let late = Desk {
        session: desk.stack.session(&desk.tenant),
        ..desk
    };
    assert_eq!(late.reply("Hi").refusal(), (422, "outside_window"));
    assert!(late.asked().is_empty());
}

#[test]
fn comment_reply_privately_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/private-reply");
}
