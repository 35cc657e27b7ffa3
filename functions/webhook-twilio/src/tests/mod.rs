mod opt_outs;
mod replaced;
mod signatures;
mod statuses;
mod trouble;

use common::db::Value;
use common::ports::Queue;
use serde_json::json;
use testkit::{Answer, Stack, Tenant};
use webhook_twilio::handler::handle;

const NUMBER: &str = "+15005550001";
const JOE: &str = "+353871234567";

/// A business with a number at Twilio.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let channel_id = stack.sms(&tenant, NUMBER, &json!({ "webhook_key_id": "WK1" }));
        Self {
            stack,
            tenant,
            channel_id,
        }
    }

    fn post(&self, params: &[(&str, &str)]) -> Answer {
        self.stack.twilio(&self.channel_id, "", params).send(handle)
    }

    /// A text of a customer.
    fn text(&self, sid: &str, from: &str, body: &str) -> Answer {
        self.post(&[
            ("MessageSid", sid),
            ("SmsSid", sid),
            ("SmsStatus", "received"),
            ("From", from),
            ("To", NUMBER),
            ("Body", body),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("ToState", ""),
        ])
    }

    fn count(&self, table: &str) -> i64 {
        let value = self
            .stack
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        value.as_integer().unwrap()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.stack.db.sql(sql);
        rows.into_iter()
            .flatten()
            .map(|value| match value {
                Value::Text(text) => text,
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn events(&self) -> Vec<String> {
        self.texts("SELECT event FROM outbox ORDER BY sequence")
    }
}

#[test]
fn twilio_receive_answers_and_makes_customer_conversation_message_and_events() {
    let desk = Desk::new();
    let answer = desk.text("SM1", JOE, "Olá 😀 & + =");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "<Response/>")
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/xml; charset=utf-8")
    );
    let row = "SELECT m.content || '|' || m.status || '|' || m.channel || '|' || m.detail || '|'
        || c.phone || '|' || v.contact || '|' || v.message_count
      FROM messages m JOIN customers c ON c.id = m.customer_id
      JOIN conversations v ON v.id = m.conversation_id AND v.last_inbound_at = m.sent_at";
    let expected = "Olá 😀 & + =|received|sms|{\"segments\":1}|+353871234567|+353871234567|1";
    assert_eq!(desk.texts(row), [expected]);
    assert_eq!(
        desk.events(),
        [
            "customer.created",
            "conversation.created",
            "message.received"
        ]
    );
    assert_eq!(
        desk.stack.ports.take_wakes(Queue::Events),
        [(desk.tenant.business_id.clone(), 0)]
    );
}

#[test]
fn twilio_receive_refuses_callers_without_the_accounts_signature() {
    let desk = Desk::new();
    let call = || {
        let params = [("MessageSid", "SM1"), ("From", JOE), ("Body", "Hi")];
        desk.stack.twilio(&desk.channel_id, "", &params)
    };
    for forged in ["", "AAAA", "RSOYDt4T1cUTdK1PDd93/VVr8B8="] {
        let answer = call().header("x-twilio-signature", forged).send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{forged}");
    }
    let other = desk.stack.tenant("Other");
    let theirs = desk
        .stack
        .sms(&other, "+15005550009", &json!({ "account_sid": "AC9" }));
    let params = [("MessageSid", "SM1"), ("From", JOE), ("Body", "Hi")];
    // Signed by a token that happens to be the same, and still of another account.
    let answer = desk.stack.twilio(&theirs, "", &params).send(handle);
    assert_eq!(answer.refusal(), (401, "invalid_signature"));
    assert_eq!(desk.count("messages"), 0);
}

#[test]
fn twilio_receive_refuses_invalid_input() {
    let desk = Desk::new();
    for id in ["none", "01900000-0000-7000-8000-000000000001"] {
        let answer = desk.stack.twilio(id, "", &[]).send(handle);
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    let facebook = desk
        .stack
        .channel(&desk.tenant, "facebook", "1", &json!({}), &json!({}));
    let answer = desk.stack.twilio(&facebook, "", &[]).send(handle);
    assert_eq!(answer.refusal(), (404, "not_found"));
    let long = "x".repeat(70_000);
    assert_eq!(desk.text("SM1", JOE, &long).status, 413);
    let answer = desk.post(&[("CallSid", "CA1"), ("From", JOE)]);
    assert_eq!(
        (answer.status, &answer.log["note"]),
        (200, &json!("not for us"))
    );
    assert_eq!(desk.count("messages"), 0);
}

#[test]
fn a_message_that_comes_again_changes_nothing_and_others_go_on() {
    let desk = Desk::new();
    for _ in 0..2 {
        assert_eq!(desk.text("SM1", JOE, "One").status, 200);
    }
    desk.text("SM2", JOE, "Two");
    desk.text("SM1", JOE, "One");
    let contents = "SELECT content FROM messages ORDER BY created_at";
    assert_eq!(desk.texts(contents), ["One", "Two"]);
    assert_eq!(
        (desk.count("customers"), desk.count("conversations")),
        (1, 1)
    );
    assert_eq!(desk.events().len(), 4);
}

#[test]
fn the_crms_customer_is_found_by_the_number() {
    let desk = Desk::new();
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, name, phone, revision, created_at, updated_at)
         VALUES ('{business}', 'joe', 'Joe', '{JOE}', 1, 0, 0)"
    ));
    desk.stack.db.sql(&format!(
        "INSERT INTO identities VALUES ('{business}', 'phone', '{JOE}', '', 'joe')"
    ));
    desk.text("SM1", JOE, "Hi");
    assert_eq!(desk.texts("SELECT customer_id FROM messages"), ["joe"]);
}

#[test]
fn a_short_code_and_a_name_are_one_customer_each_and_no_phone() {
    let desk = Desk::new();
    for (n, from) in ["50505", "AnPost", "50505", "AnPost"].iter().enumerate() {
        desk.text(&format!("SM{n}"), from, "Your code");
    }
    let customers = "SELECT name || '|' || coalesce(phone, '-') FROM customers ORDER BY name";
    assert_eq!(desk.texts(customers), ["50505|-", "AnPost|-"]);
    let contacts = "SELECT contact || message_count FROM conversations ORDER BY contact";
    assert_eq!(desk.texts(contacts), ["505052", "AnPost2"]);
}

#[test]
fn media_wait_to_be_fetched() {
    let desk = Desk::new();
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
    desk.post(&[
        ("MessageSid", "MM1"),
        ("SmsStatus", "received"),
        ("From", JOE),
        ("Body", ""),
        ("NumMedia", "1"),
        ("MediaUrl0", url),
        ("MediaContentType0", "image/png"),
    ]);
    let row = "SELECT m.type || '|' || a.state || '|' || a.filename || '|' || (a.source ->> 'url')
      FROM messages m JOIN attachments a ON a.message_id = m.id";
    let expected = format!("image|pending|image.png|{url}");
    assert_eq!(desk.texts(row), [expected]);
    assert_eq!(desk.stack.ports.take_wakes(Queue::Media).len(), 1);
}
