mod bodies;
mod parked_mails;
mod postmark;
mod routing;
mod senders;
mod statuses;
mod threads;
mod trouble;

use common::db::Value;
use common::ports::Queue;
use common::signatures::standard_webhook_signature;
use common::time::SECOND;
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack, Tenant, answer};
use webhook_email::handler::handle;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ADDRESS: &str = "support@acme.example";
const MAIL_ID: &str = "e6d1a3b0-0000-4000-8000-000000000001";

/// A business with an account of email.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
}

impl Desk {
    fn resend() -> Self {
        Self::of(&json!({"provider": "resend"}), SECRET)
    }

    fn of(settings: &Json, secret: &str) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let credentials = json!({"api_key": "re_key", "webhook_secret": secret});
        let channel_id = stack.channel(&tenant, "email", ADDRESS, settings, &credentials);
        Self {
            stack,
            tenant,
            channel_id,
        }
    }

    fn path(&self) -> String {
        format!("/functions/v1/webhook-email/{}", self.channel_id)
    }

    /// Posts a body as Svix does.
    fn post(&self, body: &str) -> Answer {
        let at = self.stack.now().micros() / SECOND;
        self.post_signed(SECRET, at, body)
    }

    fn post_signed(&self, secret: &str, at: i64, body: &str) -> Answer {
        let signature = standard_webhook_signature(secret, "msg_1", at, body);
        self.stack
            .call("webhook-email", "POST", &self.path())
            .header("svix-id", "msg_1")
            .header("svix-timestamp", &at.to_string())
            .header("svix-signature", &signature)
            .body(body)
            .send(handle)
    }

    /// A mail comes by Resend.
    fn receive(&self, mail: &Json) -> Answer {
        self.stack.ports.will(answer(200, mail));
        self.post(&announcement(mail).to_string())
    }

    /// The one text of a query.
    fn text(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    fn count(&self, table: &str) -> i64 {
        let value = self
            .stack
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        value.as_integer().unwrap()
    }

    fn detail(&self) -> Json {
        let detail = self.text("SELECT detail FROM messages ORDER BY created_at DESC LIMIT 1");
        serde_json::from_str(&detail).unwrap()
    }
}

fn announcement(mail: &Json) -> Json {
    let mut data = mail.clone();
    for body in ["text", "html", "headers", "id", "object"] {
        data.as_object_mut().unwrap().remove(body);
    }
    data["email_id"] = mail["id"].clone();
    json!({"type": "email.received", "created_at": "2026-01-02T03:04:00.000Z", "data": data})
}

fn mail(n: u32, from: &str, text: &str) -> Json {
    json!({
        "object": "email", "id": MAIL_ID.replace("0001", &format!("{n:04}")), "from": from, "to": [ADDRESS], "cc": [], "bcc": [],
        "reply_to": [], "received_for": [ADDRESS], "subject": "Your order", "text": text, "html": null,
        "message_id": format!("<{n}@mail.example>"), "created_at": "2026-01-02T03:04:00.000Z",
        "headers": {"date": "Fri, 02 Jan 2026 03:03:00 +0000"}, "attachments": [],
    })
}

#[test]
fn email_receive_answers_and_makes_customer_conversation_message_and_events() {
    let desk = Desk::resend();
    let mut mail = mail(
        1,
        "Joe Bloggs <Joe@Example.com>",
        "Hello\n\nOn 1 Jan 2026, Shop wrote:\n> Hi",
    );
    mail["headers"]["authentication-results"] = senders::found("pass", "example.com");
    mail["html"] = json!("<p onclick=x>Hello<script>alert(1)</script></p>");
    mail["attachments"] =
        json!([{"id": "att-1", "filename": "../a.pdf", "content_type": "application/pdf"}]);
    let taken = desk.receive(&mail);
    assert_eq!(
        (taken.status, taken.json["received"].as_i64()),
        (200, Some(1))
    );
    let requests = desk.stack.ports.take_requests();
    assert_eq!(
        requests[0].url,
        format!("https://api.resend.com/emails/receiving/{MAIL_ID}?html_format=cid")
    );
    assert!(
        requests[0]
            .headers
            .contains(&("authorization", "Bearer re_key".into()))
    );
    let row = "SELECT m.content || '|' || m.type || '|' || m.status || '|' || m.provider_id || '|' || c.name || '|'
        || c.email || '|' || v.contact || '|' || m.sent_at
      FROM messages m JOIN customers c ON c.id = m.customer_id JOIN conversations v ON v.id = m.conversation_id";
    assert_eq!(
        desk.text(row),
        "Hello|email|received|<1@mail.example>|Joe Bloggs|joe@example.com|joe@example.com|1767322980000000"
    );
    let detail = desk.detail();
    assert_eq!(
        (&detail["subject"], &detail["html"]),
        (&json!("Your order"), &json!("<p>Hello</p>"))
    );
    assert!(detail["full_text"].as_str().unwrap().contains("> Hi"));
    let events =
        "SELECT group_concat(event, ' ') FROM (SELECT event FROM outbox ORDER BY sequence)";
    assert_eq!(
        desk.text(events),
        "customer.created conversation.created message.received"
    );
    let file = "SELECT filename || '|' || state || '|' || (source ->> 'media_id') FROM attachments";
    assert_eq!(desk.text(file), format!("a.pdf|pending|{MAIL_ID}/att-1"));
    assert_eq!(desk.stack.ports.take_wakes(Queue::Media).len(), 1);
}

#[test]
fn email_receive_refuses_callers_whose_signature_is_missing_old_or_of_another_secret() {
    let desk = Desk::resend();
    let body = announcement(&mail(1, "joe@example.com", "Hi")).to_string();
    let now = desk.stack.now().micros() / SECOND;
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (secret, at) in [(other, now), (SECRET, now - 301), (SECRET, now + 301)] {
        assert_eq!(
            desk.post_signed(secret, at, &body).refusal(),
            (401, "invalid_signature"),
            "{at}"
        );
    }
    let unsigned = desk
        .stack
        .call("webhook-email", "POST", &desk.path())
        .body(&*body)
        .send(handle);
    assert_eq!(unsigned.refusal(), (401, "invalid_signature"));
    let at = now.to_string();
    let altered = desk
        .stack
        .call("webhook-email", "POST", &desk.path())
        .header("svix-id", "msg_1")
        .header("svix-timestamp", &at)
        .header(
            "svix-signature",
            &standard_webhook_signature(SECRET, "msg_1", now, &body),
        )
        .body(body.replace("Your", "My"))
        .send(handle);
    assert_eq!(altered.refusal(), (401, "invalid_signature"));
    assert_eq!(
        (
            desk.count("messages"),
            desk.stack.ports.take_requests().len()
        ),
        (0, 0)
    );
}

#[test]
fn an_account_without_a_secret_takes_nothing_and_one_that_is_not_there_is_404() {
    let desk = Desk::of(&json!({"provider": "resend"}), "");
    assert_eq!(desk.post("{}").refusal(), (401, "invalid_signature"));
    for settings in [json!({"provider": "cloudflare"}), json!({})] {
        let desk = Desk::of(&settings, SECRET);
        assert_eq!(desk.post("{}").refusal(), (404, "not_found"), "{settings}");
    }
    for id in ["019a0000-0000-7000-8000-0000000000ff", "x"] {
        let desk = Desk {
            channel_id: id.into(),
            ..Desk::resend()
        };
        assert_eq!(desk.post("{}").refusal(), (404, "not_found"), "{id}");
    }
    let desk = Desk::resend();
    let whatsapp = desk.stack.whatsapp(&desk.tenant, "1001");
    let desk = Desk {
        channel_id: whatsapp,
        ..desk
    };
    assert_eq!(desk.post("{}").refusal(), (404, "not_found"));
}

#[test]
fn email_receive_refuses_invalid_input_after_its_signature() {
    let desk = Desk::resend();
    assert_eq!(desk.post("{\"type\":").refusal(), (400, "malformed_json"));
    for odd in [
        "null",
        "[]",
        "{}",
        "7",
        r#"{"type":"email.opened","data":{"email_id":"e"}}"#,
        r#"{"type":7,"data":[]}"#,
    ] {
        let answer = desk.post(odd);
        assert_eq!(
            (answer.status, answer.json["ignored"].as_i64()),
            (200, Some(1)),
            "{odd}"
        );
    }
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(1024 * 1024));
    assert_eq!(desk.post(&large).refusal(), (413, "body_too_large"));
}

#[test]
fn a_mail_that_comes_again_changes_nothing() {
    let desk = Desk::resend();
    for _ in 0..2 {
        assert_eq!(desk.receive(&mail(1, "joe@example.com", "Hi")).status, 200);
    }
    assert_eq!((desk.count("messages"), desk.count("outbox")), (1, 3));
}

#[test]
fn a_mail_from_the_accounts_own_address_goes_no_further() {
    let desk = Desk::resend();
    for from in [ADDRESS, "Shop <Support+x@acme.example>"] {
        let answer = desk.receive(&mail(1, from, "Hi"));
        assert_eq!(
            (answer.status, answer.json["ignored"].as_i64()),
            (200, Some(1)),
            "{from}"
        );
        assert!(answer.log["note"].as_str().unwrap().contains("own address"));
    }
    assert_eq!(desk.count("messages"), 0);
}

#[test]
fn a_programs_mail_is_shown_and_marked_and_opens_no_window() {
    let desk = Desk::resend();
    let mut away = mail(1, "joe@example.com", "I am away");
    away["headers"]["Auto-Submitted"] = json!("auto-replied");
    desk.receive(&away);
    assert_eq!(desk.detail()["auto_submitted"], json!(true));
    let row = "SELECT type || '|' || (SELECT last_inbound_at IS NULL FROM conversations) || '|'
        || (SELECT count(*) FROM outbox WHERE event = 'message.received') FROM messages";
    assert_eq!(desk.text(row), "email|1|1");
}
