//! Conversations that a provider tells apart itself.

use channels::{
    ChannelKind, InboundMessage, MessageType, NameKind, Sender, SenderName, StatusUpdate,
};
use common::Context;
use common::db::Value;
use common::ids::ChannelId;
use common::time::SECOND;
use messaging::messages::{Receipts, Received, receive, receive_with_receipts};
use serde_json::json;
use testkit::{Sqlite, Stack, Tenant};

/// A business with one account, on which people write in threads.
struct Site {
    stack: Stack,
    tenant: Tenant,
    channel_id: ChannelId,
}

fn message(n: u32, from: &str, thread: Option<&str>) -> InboundMessage {
    InboundMessage {
        provider_id: format!("m{n}"),
        thread: thread.map(str::to_owned),
        sender: Sender {
            names: vec![SenderName::new(NameKind::Email, from.to_owned())],
            email: Some(from.to_owned()),
            ..Sender::default()
        },
        is_echo: false,
        kind: MessageType::Text,
        content: format!("Message {n}"),
        detail: None,
        sent_at: None,
        reply_to: None,
        media: Vec::new(),
    }
}

fn echo(n: u32, to: &str, thread: Option<&str>) -> InboundMessage {
    InboundMessage {
        is_echo: true,
        ..message(n, to, thread)
    }
}

impl Site {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let none = json!({});
        let channel_id = stack.channel(&tenant, "chatwoot", "site", &none, &none);
        Self {
            stack,
            tenant,
            channel_id: ChannelId::unchecked(channel_id),
        }
    }

    fn receive(&self, messages: &[InboundMessage]) {
        let statuses: &[StatusUpdate] = &[];
        let log = self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let received = Received {
                channel_id: &self.channel_id,
                channel: ChannelKind::Web,
                messages,
                statuses,
            };
            receive(&cx.of_business(&self.tenant.business_id), received).await
        });
        assert_eq!(log["code"], serde_json::Value::Null, "{log}");
        let left = self.stack.db.value("SELECT count(*) FROM inbound_items");
        assert_eq!(left, Value::from(0));
    }

    /// With what echoes settle.
    fn receive_echoes(&self, messages: &[InboundMessage]) {
        let log = self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let received = Received {
                channel_id: &self.channel_id,
                channel: ChannelKind::Web,
                messages,
                statuses: &[],
            };
            let receipts = Receipts {
                own: &[],
                watermarks: &[],
                revisions: &[],
            };
            let business = cx.of_business(&self.tenant.business_id);
            receive_with_receipts(&business, received, receipts).await
        });
        assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let values = self.stack.db.sql(sql).into_iter().flatten();
        values.filter_map(Value::into_text).collect()
    }

    /// Each conversation as `thread status messages`.
    fn conversations(&self) -> Vec<String> {
        self.texts(
            "SELECT thread || ' ' || status || ' ' || message_count FROM conversations ORDER BY 1",
        )
    }

    fn count(&self, of: &str) -> Value {
        self.stack.db.value(&format!("SELECT count(*) FROM {of}"))
    }

    fn id_of(&self, thread: &str) -> String {
        let id = format!("SELECT id FROM conversations WHERE thread = '{thread}'");
        self.stack.db.value(&id).into_text().unwrap()
    }

    fn set_status(&self, id: &str, status: &str) -> u16 {
        let body = json!({ "conversation_id": id, "status": status });
        let call = self
            .stack
            .call("conversations", "PATCH", "/api-conversations");
        let call = call.key(&self.tenant.api_key).json(&body);
        call.send(conversations::handler::handle).status
    }
}

const HOUR: i64 = 3600 * SECOND;
const JOE: &str = "joe@b.ie";

#[test]
fn two_open_threads_of_one_customer_are_two_conversations() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    site.receive(&[message(2, JOE, Some("8"))]);
    site.receive(&[message(3, JOE, Some("7"))]);
    assert_eq!(site.conversations(), ["7 open 2", "8 open 1"]);
    assert_eq!(site.count("customers"), Value::from(1));
    // Known ones change nothing.
    site.receive(&[message(3, JOE, Some("7")), message(2, JOE, Some("8"))]);
    assert_eq!(site.conversations(), ["7 open 2", "8 open 1"]);
    let strays = "messages m JOIN conversations v ON v.id = m.conversation_id
                  WHERE v.customer_id <> m.customer_id";
    assert_eq!(site.count(strays), Value::from(0));
}

#[test]
fn one_delivery_of_a_new_customer_has_a_conversation_for_each_thread() {
    let site = Site::new();
    site.receive(&[
        message(1, JOE, Some("7")),
        message(2, JOE, Some("8")),
        message(3, JOE, None),
        message(4, JOE, Some("7")),
        message(5, JOE, None),
        // Whatever names the others of a thread have.
        message(6, "joe@another.ie", Some("8")),
        message(7, "ann@b.ie", Some("9")),
    ]);
    let expected = [" open 2", "7 open 2", "8 open 2", "9 open 1"];
    assert_eq!(site.conversations(), expected);
    assert_eq!(site.count("customers"), Value::from(2));
    let begun = "outbox WHERE event = 'conversation.created'";
    assert_eq!(site.count(begun), Value::from(4));
}

#[test]
fn an_account_without_threads_has_one_open_conversation_of_a_customer_beside_them() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    site.receive(&[message(2, JOE, None)]);
    site.receive(&[message(3, JOE, Some("8"))]);
    site.receive(&[message(4, JOE, None)]);
    assert_eq!(site.conversations(), [" open 2", "7 open 1", "8 open 1"]);
    // A closed thread is no conversation to be reopened by what has none.
    for id in site.texts("SELECT id FROM conversations") {
        assert_eq!(site.set_status(&id, "closed"), 200);
    }
    site.stack.advance(100 * HOUR);
    assert_eq!(site.set_status(&site.id_of("7"), "closed"), 200);
    site.stack.advance(HOUR);
    site.receive(&[message(5, JOE, None)]);
    let expected = [" closed 2", " open 1", "7 closed 1", "8 closed 1"];
    assert_eq!(site.conversations(), expected);
}

#[test]
fn a_closed_thread_goes_on_as_the_same_conversation_however_long_ago_it_was_closed() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    let id = site.id_of("7");
    assert_eq!(site.set_status(&id, "closed"), 200);
    site.stack.advance(1000 * HOUR);
    site.receive(&[message(2, JOE, Some("7"))]);
    assert_eq!(site.conversations(), ["7 open 2"]);
    assert_eq!(site.id_of("7"), id);
    let closed = site.stack.db.value("SELECT closed_at FROM conversations");
    assert_eq!(closed, Value::Null);
    let changes = site.texts(
        "SELECT detail ->> 'previous_status' FROM outbox WHERE event = 'conversation.status_changed'",
    );
    assert_eq!(changes, ["open", "closed"]);
}

#[test]
fn what_was_written_before_a_thread_was_closed_leaves_it_closed() {
    let site = Site::new();
    let sent_before = Some(site.stack.now());
    site.stack.advance(HOUR);
    site.receive(&[message(1, JOE, Some("7"))]);
    assert_eq!(site.set_status(&site.id_of("7"), "closed"), 200);
    site.stack.db.sql("DELETE FROM outbox");
    site.stack.advance(HOUR);
    let late = |n| InboundMessage {
        sent_at: sent_before,
        ..message(n, JOE, Some("7"))
    };
    site.receive(&[late(2), late(3)]);
    assert_eq!(site.conversations(), ["7 closed 3"]);
    let events = site.texts("SELECT event FROM outbox");
    assert_eq!(events, ["message.received", "message.received"]);
    let closed = "conversations WHERE closed_at IS NOT NULL";
    assert_eq!(site.count(closed), Value::from(1));
    // What was written since reopens it, whatever else comes with it.
    site.receive(&[late(4), message(5, JOE, Some("7"))]);
    assert_eq!(site.conversations(), ["7 open 5"]);
    assert_eq!(
        site.count("outbox WHERE event = 'conversation.status_changed'"),
        Value::from(1)
    );
}

#[test]
fn what_the_business_writes_in_a_closed_thread_leaves_it_closed() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7")), message(2, JOE, None)]);
    for id in site.texts("SELECT id FROM conversations") {
        assert_eq!(site.set_status(&id, "closed"), 200);
    }
    site.stack.db.sql("DELETE FROM outbox");
    site.receive(&[echo(3, JOE, Some("7"))]);
    assert_eq!(site.conversations(), [" closed 1", "7 closed 2"]);
    assert_eq!(site.texts("SELECT event FROM outbox"), ["message.sent"]);
    let closed = "conversations WHERE closed_at IS NOT NULL";
    assert_eq!(site.count(closed), Value::from(2));
    // Without threads nobody else tells the status.
    site.receive(&[echo(4, JOE, None)]);
    assert_eq!(site.conversations(), [" open 2", "7 closed 2"]);
}

#[test]
fn a_thread_is_reopened_beside_others_that_are_open() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    site.receive(&[message(2, JOE, Some("8")), message(3, JOE, None)]);
    let id = site.id_of("7");
    assert_eq!(site.set_status(&id, "closed"), 200);
    assert_eq!(site.set_status(&id, "open"), 200);
    assert_eq!(site.conversations(), [" open 1", "7 open 1", "8 open 1"]);
}

#[test]
fn a_thread_on_whatsapp_has_no_account_of_whatsapps() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    site.stack
        .db
        .sql("UPDATE conversations SET channel = 'whatsapp'");
    let body = json!({ "conversation_id": site.id_of("7"), "priority": "high" });
    let call = site
        .stack
        .call("conversations", "PATCH", "/api-conversations");
    let call = call.key(&site.tenant.api_key).json(&body);
    let conversation = call.send(conversations::handler::handle).json["conversation"].clone();
    assert_eq!(conversation["channel"], "whatsapp");
    assert_eq!(conversation["channel_id"], site.channel_id.as_str());
    assert_eq!(conversation["whatsapp_account_id"], serde_json::Value::Null);
}

#[test]
fn a_thread_is_its_customers_whoever_writes_there() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    site.receive(&[message(2, "ann@b.ie", Some("7"))]);
    assert_eq!(site.count("customers"), Value::from(1));
    assert_eq!(site.conversations(), ["7 open 2"]);
    // Another account's thread of the same id is another.
    let none = json!({});
    let other = site
        .stack
        .channel(&site.tenant, "chatwoot", "other", &none, &none);
    let other = Site {
        stack: site.stack.clone(),
        tenant: site.tenant.clone(),
        channel_id: ChannelId::unchecked(other),
    };
    other.receive(&[message(1, "ann@b.ie", Some("7"))]);
    assert_eq!(site.conversations(), ["7 open 1", "7 open 2"]);
    assert_eq!(site.count("customers"), Value::from(2));
}

#[test]
fn what_has_a_thread_does_not_take_the_fast_path_of_what_has_none() {
    let site = Site::new();
    let from = "fast@b.ie";
    site.receive(&[message(1, from, None)]);
    let calls = site.stack.db.calls();
    site.receive(&[message(2, from, None)]);
    assert_eq!(site.stack.db.calls() - calls, 1);
    site.receive(&[message(3, from, Some("7"))]);
    let calls = site.stack.db.calls();
    site.receive(&[message(4, from, Some("8"))]);
    assert_eq!(site.stack.db.calls() - calls, 1);
    site.receive(&[message(5, from, None)]);
    assert_eq!(site.conversations(), [" open 3", "7 open 1", "8 open 1"]);
}

#[test]
fn an_echo_by_its_words_is_of_the_thread_that_it_came_in() {
    let site = Site::new();
    site.receive(&[
        message(1, JOE, Some("7")),
        message(2, JOE, Some("8")),
        message(3, JOE, None),
    ]);
    let now = site.stack.now().micros();
    for (n, thread) in ["7", "8", ""].into_iter().enumerate() {
        site.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, content, status, updated_at)
             SELECT business_id, {now} + 100 + {n}, 'own-{thread}', id, customer_id, channel_id, channel,
               'outbound', 'text', 'Hello', 'uncertain', {now}
             FROM conversations WHERE thread = '{thread}'"
        ));
    }
    let hello = |n, thread| InboundMessage {
        content: "Hello".into(),
        ..echo(n, JOE, thread)
    };
    site.stack.advance(SECOND);
    site.receive_echoes(&[hello(10, Some("8"))]);
    site.receive_echoes(&[hello(11, None)]);
    let settled = site.texts(
        "SELECT id || ' ' || status || coalesce(' ' || provider_id, '') FROM messages
         WHERE content = 'Hello' ORDER BY id",
    );
    assert_eq!(
        settled,
        ["own- sent m11", "own-7 uncertain", "own-8 sent m10"]
    );
}

#[test]
fn an_erased_customers_thread_goes_on_with_somebody_new() {
    let site = Site::new();
    site.receive(&[message(1, JOE, Some("7"))]);
    let (id, conversation) = (site.texts("SELECT id FROM customers"), site.id_of("7"));
    let call = site.stack.call(
        "customers",
        "DELETE",
        &format!("/api-customers?id={}", id[0]),
    );
    let call = call.key(&site.tenant.api_key);
    assert_eq!(call.send(customers::handler::handle).status, 200);
    assert_eq!(
        site.texts("SELECT thread FROM conversations"),
        [format!("erased:{conversation}")]
    );
    // The same again is known; what is new is of somebody new.
    site.receive(&[message(1, JOE, Some("7"))]);
    assert_eq!(site.count("conversations"), Value::from(1));
    site.receive(&[message(2, JOE, Some("7"))]);
    assert_ne!(site.id_of("7"), conversation);
    let live = "customers WHERE erased_at IS NULL";
    assert_eq!(site.count(live), Value::from(1));
}

#[test]
fn conversations_from_before_threads_have_none_and_stay_one_at_a_time() {
    const THREADS: &str = "0024_threads.sql";
    let before = Sqlite::before_migration(THREADS);
    before.sql(
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES ('b', 'Acme', 'IE', 0)",
    );
    let insert = |id: &str, status: &str| {
        before.sql(&format!(
            "INSERT OR IGNORE INTO conversations (business_id, id, customer_id, channel_id, channel,
               status, last_message_at, created_at, updated_at)
             VALUES ('b', '{id}', 'joe', 'c', 'sms', '{status}', 0, 0, 0)"
        ));
    };
    for (id, status) in [("1", "closed"), ("2", "closed"), ("3", "snoozed")] {
        insert(id, status);
    }
    before.migrate_from(THREADS);
    let threads = "SELECT group_concat(id || status || thread, ' ') FROM conversations";
    let all = Value::from("1closed 2closed 3snoozed");
    assert_eq!(before.value(threads), all);
    insert("4", "open");
    assert_eq!(before.value(threads), all);
}
