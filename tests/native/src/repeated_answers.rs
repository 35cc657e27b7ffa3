//! What is stored of an answer under an `Idempotency-Key` holds no texts, and a repeat still gets the same
//! answer.

use common::Context;
use common::http::{Request, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use testkit::{Answer, Stack, Tenant, answer};

/// What must not be found in what is stored.
const TEXTS: [&str; 5] = ["Aoife", "353871234567", "passport", "secret", "wamid."];

/// A business whose customer has just written.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    conversation_id: String,
    customer_id: String,
}

impl Desk {
    fn new() -> Self {
        // A number of its own: an isolate remembers accounts.
        static NEXT: AtomicU32 = AtomicU32::new(20_066);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let (stack, tenant) = Stack::with_tenant();
        let _channel = stack.whatsapp(&tenant, &number);
        stack.receive_whatsapp(&number, "wamid.in", "353871234567", "Hello");
        let now = stack.now().micros();
        stack
            .db
            .sql("UPDATE customers SET name = 'Aoife', phone = '+353871234567'");
        stack
            .db
            .sql(&format!("UPDATE conversations SET last_inbound_at = {now}"));
        stack
            .ports
            .respond(|_| Some(answer(200, &json!({ "messages": [{ "id": "wamid.out" }] }))));
        let text = |sql: &str| stack.db.value(sql).into_text().unwrap();
        Self {
            conversation_id: text("SELECT id FROM conversations"),
            customer_id: text("SELECT id FROM customers"),
            stack,
            tenant,
        }
    }

    /// Sends a request twice, with something in between; gives the first answer and the second.
    fn twice<H>(
        &self,
        (function, path): (&'static str, &str),
        body: &Value,
        between: impl FnOnce(&Self),
        handler: H,
    ) -> (Answer, Answer)
    where
        H: AsyncFn(&Context<'_>, Request) -> Result<Response, common::http::Error> + Copy,
    {
        let token = self
            .stack
            .inbox_token(&self.tenant, None, Some(("7", "Ann")))
            .token;
        let session = self.stack.session(&self.tenant);
        let send = || {
            let call = self.stack.call(function, "POST", path);
            let call = match path {
                _ if path.starts_with("/embed/") => call.bearer(&token),
                _ if path.starts_with("/api/") => call.bearer(&session),
                _ => call.key(&self.tenant.api_key),
            };
            let call = call.header("idempotency-key", "once");
            match body {
                Value::Null => call.send(handler),
                body => call.json(body).send(handler),
            }
        };
        let first = send();
        let row = self
            .stack
            .db
            .sql("SELECT status, response, recall FROM idempotency");
        let stored = format!("{row:?}");
        for text in TEXTS {
            assert!(!stored.contains(text), "{stored}");
        }
        assert_eq!(row.len(), 1, "{stored}");
        between(self);
        (first, send())
    }

    /// As [`Desk::twice`], for a request that succeeds.
    fn repeats<H>(
        &self,
        to: (&'static str, &str),
        body: &Value,
        between: impl FnOnce(&Self),
        handler: H,
    ) where
        H: AsyncFn(&Context<'_>, Request) -> Result<Response, common::http::Error> + Copy,
    {
        let (first, again) = self.twice(to, body, between, handler);
        assert!(first.status < 300, "{}", first.text());
        assert_eq!((again.status, &again.json), (first.status, &first.json));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(first.header("idempotent-replayed"), None);
    }

    fn count(&self, of: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {of}"));
        count.as_integer().unwrap()
    }
}

fn nothing(_: &Desk) {}

const SEND: (&str, &str) = ("send-message", "/api-send-message");

fn text_to(desk: &Desk) -> Value {
    json!({ "customer_id": desk.customer_id, "channel": "whatsapp", "content": "The secret" })
}

#[test]
fn of_a_sent_message_as_it_stood_then() {
    let desk = Desk::new();
    let delivered = |desk: &Desk| {
        desk.stack
            .db
            .sql("UPDATE messages SET status = 'read', updated_at = 9");
    };
    desk.repeats(
        SEND,
        &text_to(&desk),
        delivered,
        send_message::handler::handle,
    );
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 1);
}

#[test]
fn of_a_message_that_waited_then_and_was_sent_since() {
    let desk = Desk::new();
    desk.stack.ports.respond(|_| Some(answer(503, &json!({}))));
    let sent = |desk: &Desk| {
        desk.stack.db.sql("UPDATE messages SET status = 'sent', provider_id = 'wamid.later' WHERE status = 'queued'");
    };
    let (first, again) = desk.twice(SEND, &text_to(&desk), sent, send_message::handler::handle);
    assert_eq!(
        (first.status, &first.json["message"]["status"]),
        (202, &json!("queued"))
    );
    assert_eq!((again.status, &again.json), (202, &first.json));
}

#[test]
fn of_a_message_that_the_provider_refused() {
    let desk = Desk::new();
    let error = json!({ "error": { "code": 131_026, "message": "353871234567 has no account" } });
    desk.stack.ports.respond(move |_| Some(answer(400, &error)));
    let (first, again) = desk.twice(
        SEND,
        &text_to(&desk),
        nothing,
        send_message::handler::handle,
    );
    assert_eq!(
        first.refusal(),
        (422, "provider_rejected"),
        "{}",
        first.text()
    );
    assert_eq!((again.status, &again.json), (422, &first.json));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[test]
fn of_a_message_of_the_inbox() {
    let desk = Desk::new();
    let body = json!({ "conversation_id": desk.conversation_id, "channel": "whatsapp",
        "content": "The secret" });
    let to = ("send-message", "/embed/api/messages");
    desk.repeats(to, &body, nothing, send_message::handler::handle);
}

#[test]
fn of_a_note() {
    let desk = Desk::new();
    let body = json!({ "conversation_id": desk.conversation_id, "content": "The secret" });
    let to = ("conversation-notes", "/api-conversation-notes");
    let later = |desk: &Desk| desk.stack.advance(1_000_000);
    desk.repeats(to, &body, later, conversation_notes::handler::handle);
    assert_eq!(desk.count("conversation_notes"), 1);
}

#[test]
fn of_a_note_of_the_inbox() {
    let desk = Desk::new();
    let body = json!({ "conversation_id": desk.conversation_id, "content": "The secret" });
    let to = ("embed-api", "/embed/api/notes");
    desk.repeats(to, &body, nothing, embed_api::handler::handle);
}

#[test]
fn unless_what_it_tells_of_was_deleted() {
    let desk = Desk::new();
    let body = json!({ "conversation_id": desk.conversation_id, "content": "The secret" });
    let deleted = |desk: &Desk| {
        desk.stack.db.sql("DELETE FROM conversation_notes");
    };
    let to = ("embed-api", "/embed/api/notes");
    let (_, again) = desk.twice(to, &body, deleted, embed_api::handler::handle);
    assert_eq!(again.refusal(), (404, "not_found"));
    assert_eq!(desk.count("conversation_notes"), 0);
}

#[test]
fn of_an_escalation() {
    let desk = Desk::new();
    let body = json!({ "conversation_id": desk.conversation_id, "reason": "The secret",
        "note": "secret" });
    // Longer than an escalation counts.
    let later = |desk: &Desk| desk.stack.advance(3_600_000_000);
    desk.repeats(
        ("escalate", "/api-escalate"),
        &body,
        later,
        escalate::handler::handle,
    );
    assert_eq!(
        (desk.count("escalations"), desk.count("conversation_notes")),
        (1, 1)
    );
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 1);
}

#[test]
fn of_customers_looked_up() {
    let desk = Desk::new();
    let body = json!({ "phones": ["+353871234567"], "ids": [desk.customer_id] });
    let to = ("customers-batch-lookup", "/api-customers-batch-lookup");
    desk.repeats(to, &body, nothing, customers_batch_lookup::handler::handle);
}

#[test]
fn of_a_replayed_delivery() {
    let desk = Desk::new();
    desk.stack
        .endpoint(&desk.tenant, "https://crm.example/hook", &["*"]);
    desk.stack
        .ports
        .respond(|_| Some(answer(404, &json!({ "no": "secret" }))));
    let subject = desk.customer_id.as_str();
    desk.stack
        .happened(&desk.tenant, "customer.updated", subject, &Value::Null);
    desk.stack.fan_out(&desk.tenant);
    desk.stack.deliver_now();
    let id = desk
        .stack
        .db
        .value("SELECT id FROM deliveries ORDER BY id DESC")
        .into_text()
        .unwrap();
    let delivered = |desk: &Desk| {
        desk.stack.deliver_now();
    };
    let path = format!("/api/dashboard/deliveries/{id}/replay");
    let to = ("dashboard-deliveries", path.as_str());
    desk.repeats(
        to,
        &Value::Null,
        delivered,
        dashboard_deliveries::handler::handle,
    );
    let tries = desk.stack.db.value(&format!(
        "SELECT attempts FROM deliveries WHERE id = '{id}'"
    ));
    assert_eq!(tries, 2.into());
}

#[test]
fn of_a_retried_job() {
    let desk = Desk::new();
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail, state,
           ordered_at, created_at, updated_at)
         VALUES ('{}', 'kustomer', 'k', 'j', 's', 'message', 'm', '{{\"text\":\"secret\"}}', 'failed', 1, 1, 1)",
        desk.tenant.business_id
    ));
    let done = |desk: &Desk| {
        desk.stack
            .db
            .sql("UPDATE crm_jobs SET state = 'done', updated_at = 9, tries = 3");
    };
    let to = (
        "dashboard-crm-jobs",
        "/api/dashboard/integrations/kustomer/jobs/j/retry",
    );
    desk.repeats(to, &Value::Null, done, dashboard_crm_jobs::handler::handle);
}

#[test]
fn of_an_upload() {
    const BOUNDARY: &str = "----boundary";
    let desk = Desk::new();
    let form = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"passport.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nsecret\r\n--{BOUNDARY}--\r\n"
    );
    let upload = || {
        let call = desk
            .stack
            .call("upload-attachment", "POST", "/api-upload-attachment");
        let call = call.chunks(vec![Ok(form.clone().into_bytes())]);
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let call = call
            .header("content-type", &content_type)
            .key(&desk.tenant.api_key);
        call.header("idempotency-key", "once")
            .send(upload_attachment::handler::handle)
    };
    let first = upload();
    let stored = format!(
        "{:?}",
        desk.stack
            .db
            .sql("SELECT response, recall FROM idempotency")
    );
    assert!(!stored.contains("passport"), "{stored}");
    let again = upload();
    assert_eq!((again.status, &again.json), (200, &first.json));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    desk.stack.db.sql("DELETE FROM attachments");
    assert_eq!(upload().refusal(), (404, "not_found"));
}
