mod contacts;
mod echoes;
mod notes;
mod people;
mod proof;
mod revisions;
mod trouble;

use common::db::Value;
use common::ports::Queue;
use common::signatures::hmac_sha256_hex;
use serde_json::json;
use testkit::{Answer, Call, Stack, Tenant};
use webhook_chatwoot::handler::handle;

const SECRET: &str = "the secret of the webhook";

/// A business with an account of Chatwoot's.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
}

type Json = serde_json::Value;

impl Desk {
    fn new() -> Self {
        let credentials = json!({ "access_token": "t", "webhook_secret": SECRET });
        Self::with(&json!({ "account_id": "1" }), &credentials)
    }

    fn with(settings: &Json, credentials: &Json) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let channel_id = stack.channel(&tenant, "chatwoot", "chat#1", settings, credentials);
        Self {
            stack,
            tenant,
            channel_id,
        }
    }

    /// A delivery to this path below the webhook's, signed with a secret.
    fn signed(&self, path: &str, secret: &str, body: &str) -> Call<'_> {
        let at = (self.stack.now().micros() / 1_000_000).to_string();
        let mac = hmac_sha256_hex(secret.as_bytes(), format!("{at}.{body}").as_bytes());
        self.stack
            .call(
                "webhook-chatwoot",
                "POST",
                &format!("/api/webhooks/chatwoot/{path}"),
            )
            .body(body)
            .header("x-chatwoot-timestamp", &at)
            .header("x-chatwoot-signature", &format!("sha256={mac}"))
    }

    fn deliver(&self, payload: &Json) -> Answer {
        let call = self.signed(&self.channel_id, SECRET, &payload.to_string());
        call.send(handle)
    }

    /// As [`Self::deliver`], where it is to go well.
    fn told(&self, payload: &Json) -> Json {
        let answer = self.deliver(payload);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let values = self.stack.db.sql(sql).into_iter().flatten();
        values.filter_map(Value::into_text).collect()
    }

    fn count(&self, of: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {of}"));
        count.as_integer().unwrap()
    }

    /// Each message as `status type content`, in order.
    fn messages(&self) -> Vec<String> {
        self.texts(
            "SELECT status || ' ' || type || ' ' || content FROM messages ORDER BY created_at",
        )
    }

    fn events(&self) -> Vec<String> {
        self.texts("SELECT event FROM outbox ORDER BY sequence")
    }
}

/// The contact of the tests.
fn ana() -> Json {
    json!({ "id": 46, "name": "Ana", "email": null, "phone_number": null })
}

/// What a contact wrote in a thread.
fn message(id: u32, thread: u32, contact: &Json, content: &str) -> Json {
    json!({
        "event": "message_created", "id": id, "content": content, "message_type": "incoming",
        "content_type": "text", "content_attributes": {}, "private": false,
        "created_at": "2026-01-01T00:00:00.000Z", "account": { "id": 1 }, "inbox": { "id": 6 },
        "sender": contact,
        "conversation": {
            "id": thread, "inbox_id": 6, "channel": "Channel::WebWidget", "status": "open",
            "contact_inbox": { "contact_id": contact["id"], "source_id": "s", "hmac_verified": false },
            "meta": { "sender": contact, "hmac_verified": false },
            "messages": [{ "id": id, "status": "sent", "updated_at": "2026-01-01T00:00:00.000Z" }],
        },
    })
}

/// What an agent wrote there.
fn reply(id: u32, thread: u32, contact: &Json, content: &str) -> Json {
    let mut reply = message(id, thread, contact, content);
    reply["message_type"] = "outgoing".into();
    reply["sender"] = json!({ "id": 3, "name": "Bo", "type": "user", "email": "bo@acme.example" });
    reply
}

#[test]
fn chatwoot_receive_answers_and_makes_customer_conversation_message_and_events() {
    let desk = Desk::new();
    let answer = desk.deliver(&message(501, 130, &ana(), "Olá 😀"));
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json,
        json!({ "received": 1, "ignored": 0, "kept": false })
    );
    let row = "SELECT m.content || '|' || m.status || '|' || m.channel || '|' || c.name || '|'
        || v.thread || '|' || v.contact || '|' || v.channel_id
      FROM messages m JOIN customers c ON c.id = m.customer_id
      JOIN conversations v ON v.id = m.conversation_id";
    let expected = format!("Olá 😀|received|web|Ana|130|130|{}", desk.channel_id);
    assert_eq!(desk.texts(row), [expected]);
    let events = [
        "customer.created",
        "conversation.created",
        "message.received",
    ];
    assert_eq!(desk.events(), events);
    let woken = desk.stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
}

#[test]
fn the_same_message_is_taken_in_once() {
    let desk = Desk::new();
    for _ in 0..3 {
        desk.told(&message(501, 130, &ana(), "Hi"));
    }
    assert_eq!(desk.messages(), ["received text Hi"]);
    assert_eq!(desk.events().len(), 3);
}

#[test]
fn chatwoot_receive_refuses_invalid_input() {
    let desk = Desk::new();
    let long = message(1, 130, &ana(), &"x".repeat(1024 * 1024));
    assert_eq!(desk.deliver(&long).status, 413);
    let facebook = desk
        .stack
        .channel(&desk.tenant, "facebook", "1", &json!({}), &json!({}));
    let answer = desk.signed(&facebook, SECRET, "{}").send(handle);
    assert_eq!(answer.refusal(), (404, "not_found"));
    let call = desk.signed(&desk.channel_id, SECRET, "[1]");
    assert_eq!(call.send(handle).refusal(), (400, "malformed_json"));
}

#[test]
fn two_conversations_of_one_contact_are_two_and_have_one_customer() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    desk.told(&message(2, 131, &ana(), "Hello"));
    assert_eq!(
        (desk.count("conversations"), desk.count("customers")),
        (2, 1)
    );
}

#[test]
fn a_left_out_inbox_is_taken_and_ignored_and_a_channel_may_be_said_of_one() {
    let credentials = json!({ "webhook_secret": SECRET });
    let settings = json!({
        "account_id": "1", "inboxes_left_out": "5,6", "inbox_channels": "7=whatsapp,8=telegram",
    });
    let desk = Desk::with(&settings, &credentials);
    let ignored = json!({ "received": 0, "ignored": 1, "kept": false });
    assert_eq!(desk.told(&message(1, 130, &ana(), "Hi")), ignored);
    let mut event = message(1, 130, &ana(), "Hi")["conversation"].clone();
    event["event"] = "conversation_created".into();
    assert_eq!(desk.told(&event), ignored);
    assert_eq!((desk.count("messages"), desk.count("crm_jobs")), (0, 0));
    for inbox in [7, 8, 9] {
        let mut other = message(inbox, inbox, &ana(), "Hi");
        other["conversation"]["inbox_id"] = inbox.into();
        desk.told(&other);
    }
    let channels = desk.texts("SELECT channel FROM conversations ORDER BY cast(thread AS INTEGER)");
    assert_eq!(channels, ["whatsapp", "telegram", "web"]);
}

#[test]
fn what_is_of_no_interest_changes_nothing() {
    let desk = Desk::new();
    for event in [
        "conversation_typing_on",
        "webwidget_triggered",
        "inbox_updated",
        "",
    ] {
        let told = desk.told(&json!({ "event": event, "id": 1, "account": { "id": 1 } }));
        assert_eq!(told["ignored"], 1, "{event}");
    }
    assert!(desk.events().is_empty());
}

#[test]
fn a_file_is_to_be_fetched_from_where_chatwoot_says_it_is() {
    let desk = Desk::new();
    let url = "https://chat.example/rails/active_storage/blobs/x/plan.pdf";
    let mut with_file = message(1, 130, &ana(), "");
    with_file["attachments"] = json!([{ "id": 1, "file_type": "file", "data_url": url }]);
    desk.told(&with_file);
    let sources = "SELECT filename || ' ' || (source ->> 'url') FROM attachments";
    assert_eq!(desk.texts(sources), [format!("plan.pdf {url}")]);
    assert_eq!(desk.stack.ports.take_wakes(Queue::Media).len(), 1);
}
