use super::{Desk, JOE, NUMBER, handle};

const MESSAGE: &str = "01900000-0000-7000-8000-0000000000aa";

impl Desk {
    /// A message of ours that is being sent, or was.
    fn sending(&self, status: &str, sid: Option<&str>) {
        self.text("SM0", JOE, "Hi");
        let sid = sid.map_or("NULL".to_owned(), |sid| format!("'{sid}'"));
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, content, status, provider_id, updated_at)
             SELECT business_id, created_at + 1, '{MESSAGE}', conversation_id, customer_id,
               channel_id, channel, 'outbound', 'text', 'Yes', '{status}', {sid}, 0 FROM messages"
        ));
        self.stack.db.sql("DELETE FROM outbox");
    }

    fn status(&self, query: &str, sid: &str, status: &str, more: &[(&str, &str)]) {
        let mut params = vec![
            ("MessageSid", sid),
            ("SmsSid", sid),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("From", NUMBER),
            ("To", JOE),
        ];
        params.extend(more);
        let answer = self
            .stack
            .twilio(&self.channel_id, query, &params)
            .send(handle);
        assert_eq!(answer.status, 200);
    }

    fn standing(&self) -> String {
        let row =
            "SELECT status || ' ' || coalesce(provider_id, '-') || ' ' || coalesce(error, '-')
          FROM messages WHERE direction = 'outbound'";
        self.texts(row).remove(0)
    }
}

#[test]
fn statuses_move_a_message_in_whatever_order_they_come_and_never_back() {
    let desk = Desk::new();
    desk.sending("sent", Some("SM1"));
    for (status, expected) in [
        ("queued", "sent"),
        ("sending", "sent"),
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("undelivered", "read"),
    ] {
        desk.status("", "SM1", status, &[]);
        assert!(desk.standing().starts_with(expected), "{status}");
    }
    assert_eq!(desk.events(), ["message.status_changed"; 2]);
}

#[test]
fn a_failure_has_the_providers_code_and_a_sentence() {
    let desk = Desk::new();
    desk.sending("sent", Some("SM1"));
    desk.status("", "SM1", "undelivered", &[("ErrorCode", "30006")]);
    let standing = desk.standing();
    assert!(standing.starts_with("failed SM1"), "{standing}");
    assert!(standing.contains("30006") && standing.contains("landline"));
}

#[test]
fn a_callback_that_beats_the_answer_settles_the_message_that_its_address_names() {
    for status in ["queued", "uncertain"] {
        let desk = Desk::new();
        desk.sending(status, None);
        let query = format!("?message_id={MESSAGE}");
        desk.status(&query, "SM1", "delivered", &[]);
        assert_eq!(desk.standing(), "delivered SM1 -");
        assert_eq!(desk.events(), ["message.status_changed"]);
    }
}

#[test]
fn an_address_names_messages_of_its_own_account_alone() {
    let desk = Desk::new();
    desk.sending("uncertain", None);
    desk.stack
        .db
        .sql("UPDATE messages SET channel_id = 'another'");
    let query = format!("?message_id={MESSAGE}");
    desk.status(&query, "SM1", "delivered", &[]);
    assert_eq!(desk.standing(), "uncertain - -");
    desk.status("?message_id=';--", "SM2", "delivered", &[]);
    assert_eq!(desk.standing(), "uncertain - -");
}

#[test]
fn a_status_before_its_message_is_known_waits_for_it() {
    let desk = Desk::new();
    desk.status("", "SM1", "sent", &[]);
    desk.status("", "SM1", "delivered", &[]);
    desk.status("", "SM1", "sent", &[]);
    let parked = "SELECT status FROM unmatched_statuses ORDER BY status";
    assert_eq!(desk.texts(parked), ["delivered", "sent"]);
}
