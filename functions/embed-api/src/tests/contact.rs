//! Where answers by email go, and who decides it.

use super::{Desk, nothing};
use serde_json::{Value, json};

const JOE: &str = "joe@example.com";

/// A conversation by email; gives it and its mail.
fn mail(desk: &Desk, detail: &Value) -> (String, String) {
    let id = desk.receive("353871234567", "One");
    let message = desk.newest_message(&id);
    let settings = json!({"provider": "resend"});
    let address = "support@acme.example";
    let stack = &desk.stack;
    let key = json!({"api_key": "k"});
    let channel = stack.channel(&desk.tenant, "email", address, &settings, &key);
    stack.db.sql(&format!(
        "UPDATE conversations SET channel = 'email', channel_id = '{channel}' WHERE id = '{id}'"
    ));
    stack.db.sql(&format!(
        "UPDATE messages SET channel = 'email', type = 'email', detail = '{detail}' WHERE id = '{message}'"
    ));
    let email = format!("UPDATE customers SET email = '{JOE}'");
    stack.db.sql(&email);
    (id, message)
}

/// What a mail says of its senders.
fn from(sender: &str, reply_to: Option<&str>) -> Value {
    json!({"from": sender, "reply_to": reply_to, "sender_verified": "pass", "participant": "other"})
}

fn changed(desk: &Desk) -> i64 {
    let sql = "SELECT count(*) FROM outbox WHERE event = 'inbox.changed'";
    desk.stack.db.value(sql).as_integer().unwrap()
}

#[test]
fn inbox_contact_answers_where_answers_go_from_now_on() {
    let desk = Desk::new();
    let (id, message) = mail(
        &desk,
        &from("ann@work.example", Some("office@work.example")),
    );
    let contact = || {
        let thread = desk.get(&format!("conversation?id={id}"));
        thread.json["conversation"]["contact"].clone()
    };
    assert_eq!(contact(), JOE);
    for (n, address) in ["office@work.example", "Ann@Work.example ", JOE]
        .into_iter()
        .enumerate()
    {
        let body = json!({"conversation_id": id, "message_id": message, "address": address});
        let normal = address.trim().to_lowercase();
        for _ in 0..2 {
            let answer = desk.post("contact", &body);
            assert_eq!(
                (answer.status, &answer.json["contact"]),
                (200, &json!(normal))
            );
        }
        assert_eq!((contact(), changed(&desk)), (json!(normal), n as i64 + 1));
    }
}

#[test]
fn a_thread_tells_what_is_known_of_a_mails_sender() {
    let desk = Desk::new();
    let (id, _) = mail(&desk, &from("ann@work.example", None));
    let thread = desk.get(&format!("conversation?id={id}"));
    let message = &thread.json["messages"][0];
    assert_eq!(
        (&message["sender_verified"], &message["participant"]),
        (&json!("pass"), &json!("other"))
    );
}

#[test]
fn inbox_contact_refuses_invalid_input() {
    let desk = Desk::new();
    let (id, message) = mail(
        &desk,
        &from("ann@work.example", Some("office@work.example")),
    );
    for body in [
        nothing(),
        json!({"conversation_id": id, "message_id": message}),
        json!({"conversation_id": id, "message_id": message, "address": null}),
        json!({"conversation_id": id, "message_id": message, "address": JOE, "force": true}),
        // Nobody but who is in the mail, or the customer.
        json!({"conversation_id": id, "message_id": message, "address": "mallory@evil.example"}),
        json!({"conversation_id": id, "message_id": message, "address": ""}),
    ] {
        let answer = desk.post("contact", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    for (conversation, mail) in [(id.as_str(), "x"), ("x", message.as_str()), (&id, &id)] {
        let body = json!({"conversation_id": conversation, "message_id": mail, "address": JOE});
        let answer = desk.post("contact", &body);
        assert_eq!(answer.refusal(), (404, "not_found"), "{body}");
    }
    assert_eq!(changed(&desk), 0);
}

#[test]
fn no_address_of_a_forged_mail_is_confirmed_but_the_customers_own_is() {
    let desk = Desk::new();
    let mut forged = from("ann@work.example", Some("mallory@evil.example"));
    forged["sender_verified"] = json!("fail");
    let (id, message) = mail(&desk, &forged);
    for (address, status) in [
        ("mallory@evil.example", 422),
        ("ann@work.example", 422),
        (JOE, 200),
    ] {
        let body = json!({"conversation_id": id, "message_id": message, "address": address});
        assert_eq!(desk.post("contact", &body).status, status, "{address}");
    }
}

#[test]
fn nobody_moves_the_answers_to_another_customer_or_on_another_channel() {
    let desk = Desk::new();
    let (id, message) = mail(&desk, &from("ann@work.example", None));
    let body = json!({"conversation_id": id, "message_id": message, "address": "ann@work.example"});
    let chat = desk.receive("353871234568", "A chat");
    let bound = desk.bound_to(&chat);
    let other = desk.stack.tenant("Another business");
    let foreign = desk.stack.inbox_token(&other, None, None).token;
    for token in [bound, foreign] {
        let answer = desk.post_by(&token, "contact", &body);
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    let newest = desk.newest_message(&chat);
    let chat = json!({"conversation_id": chat, "message_id": newest, "address": JOE});
    assert_eq!(desk.post("contact", &chat).refusal(), (404, "not_found"));
    // A message of ours names nobody.
    desk.stack
        .db
        .sql("UPDATE messages SET direction = 'outbound'");
    assert_eq!(desk.post("contact", &body).refusal(), (404, "not_found"));
    assert_eq!(changed(&desk), 0);
}
