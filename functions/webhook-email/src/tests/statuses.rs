use super::{Desk, mail};
use serde_json::{Value as Json, json};

impl Desk {
    /// A desk that has sent a mail, which Resend knows as `sent-1`.
    fn having_sent() -> Self {
        let desk = Self::resend();
        desk.receive(&mail(1, "joe@example.com", "Hi"));
        desk.stack.db.sql(
            "UPDATE messages SET id = '019a0000-0000-7000-8000-0000000000a1', direction = 'outbound',
               status = 'sent', provider_id = 'sent-1'",
        );
        desk
    }

    fn event(&self, kind: &str, more: &Json) {
        let mut data = json!({"email_id": "sent-1", "message_id": "<ours@resend.example>"});
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        let event = json!({"type": format!("email.{kind}"), "created_at": "2026-01-02T03:04:00Z", "data": data});
        let answer = self.post(&event.to_string());
        assert_eq!(
            (answer.status, answer.json["received"].as_i64()),
            (200, Some(1))
        );
    }

    fn status(&self) -> String {
        self.text("SELECT status || coalesce(' ' || (error ->> 'code'), '') FROM messages")
    }
}

#[test]
fn a_mail_climbs_and_never_goes_back() {
    let desk = Desk::having_sent();
    let none = json!({});
    desk.event("delivered", &none);
    assert_eq!(desk.status(), "delivered");
    for late in ["sent", "delivery_delayed", "delivered", "complained"] {
        desk.event(late, &none);
        assert_eq!(desk.status(), "delivered", "{late}");
    }
    assert_eq!(
        desk.count("outbox WHERE event = 'message.status_changed'"),
        1
    );
    assert_eq!(desk.count("email_ids"), 1);
}

#[test]
fn a_bounce_fails_the_mail_and_says_why() {
    let desk = Desk::having_sent();
    desk.event(
        "bounced",
        &json!({"bounce": {"type": "Permanent", "message": "No such user"}}),
    );
    assert_eq!(desk.status(), "failed Permanent");
    desk.event("delivered", &json!({}));
    assert_eq!(desk.status(), "failed Permanent");
    for kind in ["failed", "suppressed"] {
        let desk = Desk::having_sent();
        desk.event(kind, &json!({}));
        assert_eq!(desk.status(), format!("failed {kind}"));
    }
}

#[test]
fn a_status_settles_a_mail_whose_sending_had_no_answer() {
    let desk = Desk::having_sent();
    desk.stack
        .db
        .sql("UPDATE messages SET status = 'uncertain', provider_id = NULL");
    let tags = json!({"tags": {"tieline_message": "019a0000-0000-7000-8000-0000000000a1"}});
    desk.event("delivered", &tags);
    assert_eq!(desk.status(), "delivered");
}

#[test]
fn a_status_that_comes_before_its_mail_is_kept() {
    let desk = Desk::having_sent();
    desk.stack.db.sql("UPDATE messages SET provider_id = NULL");
    desk.event("delivered", &json!({}));
    assert_eq!(
        desk.count("unmatched_statuses WHERE provider_id = 'sent-1'"),
        1
    );
}
