mod accounts;
mod batches;
mod content;
mod echoes;
mod profiles;
mod revisions;
mod watermarks;

use super::signed;
use common::db::Value;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use testkit::{ACCESS_TOKEN, APP_SECRET, Stack, Tenant, answer};

/// A second, in Meta's milliseconds.
const SECOND: i64 = 1000;
const PAGE: &str = "109780001234567";
const IG: &str = "17841400001234567";
const JOE: &str = "7001234567890123";
const SECOND_SECRET: &str = "the secret of Instagram's own app";

thread_local! {
    static INBOXES: Cell<i64> = const { Cell::new(0) };
}

/// A business with a page and an Instagram account.
struct Inbox {
    stack: Stack,
    tenant: Tenant,
}

impl Inbox {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    /// With these settings of both accounts.
    fn with(settings: &Json) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        // An isolate trusts for a while what it knows of the accounts, which a test's thread is, too.
        let before = INBOXES.replace(INBOXES.get() + 1);
        stack.advance(before * 60 * SECOND * 1000);
        let mut credentials = json!({"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET});
        let _page = stack.channel(&tenant, "facebook", PAGE, settings, &credentials);
        credentials["instagram_app_secret"] = SECOND_SECRET.into();
        let _account = stack.channel(&tenant, "instagram", IG, settings, &credentials);
        Self { stack, tenant }
    }

    /// Posts a delivery signed by this secret; status and answer, or the code of a refusal.
    fn post(&self, body: &str, secret: &str) -> (u16, Json) {
        let answer = signed(&self.stack, secret, body);
        let detail = match answer.status {
            200 => answer.json,
            _ => answer.json["code"].clone(),
        };
        (answer.status, detail)
    }

    fn take(&self, delivery: &Json) -> Json {
        let (status, detail) = self.post(&delivery.to_string(), APP_SECRET);
        assert_eq!(status, 200, "{detail}");
        detail
    }

    fn page(&self, events: &[Json]) -> Json {
        self.take(&delivery("page", PAGE, events))
    }

    fn instagram(&self, events: &[Json]) -> Json {
        self.take(&delivery("instagram", IG, events))
    }

    /// Sends a text to the only customer, to which Meta gives this answer.
    fn send(&self, channel: &str, text: &str, mid: &str) {
        let text_event = json!({"recipient_id": JOE, "message_id": mid});
        self.stack.ports.will(answer(200, &text_event));
        self.try_to_send(channel, text);
    }

    fn try_to_send(&self, channel: &str, text: &str) {
        let customer_id = self.text("SELECT id FROM customers");
        let call = self.stack.call("send-message", "POST", "/api-send-message");
        let call = call.key(&self.tenant.api_key);
        let body = json!({"customer_id": customer_id, "channel": channel, "content": text});
        let answer = call.json(&body).send(send_message::handler::handle);
        assert!(answer.status < 300, "{}", answer.text());
    }

    fn text(&self, sql: &str) -> String {
        self.stack.db.value(sql).into_text().unwrap_or_default()
    }

    fn count(&self, table: &str) -> i64 {
        let value = self
            .stack
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        value.as_integer().unwrap()
    }

    /// The messages in order, as `direction type content status`.
    fn messages(&self) -> Vec<String> {
        let rows = self.stack.db.sql(
            "SELECT direction || ' ' || type || ' ' || content || ' ' || status
             FROM messages ORDER BY created_at",
        );
        texts(rows)
    }

    fn detail(&self) -> Json {
        let detail = self.text("SELECT detail FROM messages ORDER BY created_at DESC LIMIT 1");
        serde_json::from_str(&detail).unwrap_or_default()
    }

    fn events(&self) -> Vec<String> {
        texts(
            self.stack
                .db
                .sql("SELECT event FROM outbox ORDER BY sequence"),
        )
    }

    /// The time in Meta's milliseconds.
    fn now(&self) -> i64 {
        self.stack.now().micros() / 1000
    }
}

fn texts(rows: Vec<Vec<Value>>) -> Vec<String> {
    rows.into_iter()
        .flatten()
        .filter_map(Value::into_text)
        .collect()
}

fn delivery(object: &str, account: &str, events: &[Json]) -> Json {
    json!({"object": object, "entry": [{"id": account, "time": 1, "messaging": events}]})
}

/// What a customer did.
fn by(user: &str, account: &str, at: i64, what: &Json) -> Json {
    let mut event = what.clone();
    event["sender"] = json!({"id": user});
    event["recipient"] = json!({"id": account});
    event["timestamp"] = at.into();
    event
}

/// What Joe did at the page.
fn joe(at: i64, what: &Json) -> Json {
    by(JOE, PAGE, at, what)
}

/// What Joe did at the Instagram account.
fn ig_joe(at: i64, what: &Json) -> Json {
    by(JOE, IG, at, what)
}

fn text_event(mid: &str, text: &str) -> Json {
    json!({"message": {"mid": mid, "text": text}})
}

/// A first message, so that there is a customer who may be answered.
fn hello(inbox: &Inbox) {
    let at = inbox.now() - 60 * SECOND;
    inbox.page(&[joe(at, &text_event("m_hello", "Hello"))]);
}

fn ig_hello(inbox: &Inbox) {
    let at = inbox.now() - 60 * SECOND;
    inbox.instagram(&[ig_joe(at, &text_event("m_hello", "Hello"))]);
}
