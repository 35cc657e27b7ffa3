//! A business with an account whose webhooks may be lost.

use super::site::Site;
use common::ports::Queue;
use serde_json::{Value, json};
use source_chatwoot::webhook::{Delivery, Event};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;
use sync_sources::handler::handle;
use testkit::{Connection, Stack, Tenant};

pub(super) const MINUTE: i64 = 60_000_000;

pub(super) struct Inbox {
    pub(super) stack: Stack,
    pub(super) tenant: Tenant,
    pub(super) channel: String,
    site: Rc<RefCell<Site>>,
    /// Whether a run may fail.
    pub(super) is_lenient: Cell<bool>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self::with(&json!({}))
    }

    /// With more settings of the account. The connection has looked once, and found that it is new.
    pub(super) fn with(more: &Value) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let mut settings = json!({ "base_url": "https://chat.example.com", "account_id": "3" });
        for (name, value) in more.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let token = json!({ "access_token": "agent-token" });
        let channel = stack.channel(&tenant, "chatwoot", "chat.example.com#3", &settings, &token);
        let now = stack.now().micros();
        stack
            .db
            .sql(&format!("UPDATE channels SET created_at = {now}"));
        stack.connect(
            &tenant,
            &Connection {
                connector: "chatwoot",
                org: "",
                user: "",
                settings: &json!({}),
                credentials: &json!({}),
            },
        );
        let site = Rc::new(RefCell::new(Site::default()));
        let answering = site.clone();
        stack
            .ports
            .respond(move |request| Some(answering.borrow_mut().answer(request)));
        let inbox = Self {
            stack,
            tenant,
            channel,
            site,
            is_lenient: Cell::new(false),
        };
        inbox.pass(0);
        inbox.reconcile();
        inbox
    }

    /// What is there, to be changed.
    pub(super) fn there(&self) -> RefMut<'_, Site> {
        self.site.borrow_mut()
    }

    pub(super) fn seen(&self) -> Ref<'_, Site> {
        self.site.borrow()
    }

    /// Time passes on both sides.
    pub(super) fn pass(&self, micros: i64) {
        self.stack.advance(micros);
        self.there().now = self.stack.now().micros() / 1_000_000;
    }

    /// What the cron makes every few minutes.
    pub(super) fn wants_reconcile(&self) {
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, ordered_at,
               created_at, updated_at)
             VALUES ('{business}', 'chatwoot', 'reconcile:chatwoot', 'job-reconcile', 'reconcile', 'reconcile',
               'chatwoot', 0, 0, 0)
             ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting',
               generation = generation + 1, failures = 0 WHERE state <> 'waiting'"
        ));
    }

    pub(super) fn reconcile(&self) {
        self.wants_reconcile();
        self.settle();
    }

    /// A minute later everything that was asked for is done.
    pub(super) fn look(&self) {
        self.pass(5 * MINUTE);
        self.reconcile();
    }

    /// Runs until nothing waits, as time goes by.
    pub(super) fn settle(&self) {
        for _ in 0..400 {
            self.stack.fan_out(&self.tenant);
            let log = self.stack.job(&self.tenant.business_id, handle);
            assert!(log["level"] == "info" || self.is_lenient.get(), "{log}");
            let wakes = self.stack.ports.take_wakes(Queue::Sources);
            let wait = wakes.iter().map(|(_, wait)| i64::from(*wait)).max();
            let waits =
                "SELECT count(*) FROM crm_jobs WHERE connector = 'chatwoot' AND state = 'waiting'";
            if wait.is_none() && self.number(waits) == 0 {
                return;
            }
            self.pass(wait.unwrap_or(60) * 1_000_000);
        }
        panic!("it never settles: {}", self.jobs());
    }

    /// The webhook of a message comes.
    pub(super) fn told(&self, id: u64) {
        let payload = {
            let mut site = self.there();
            let mut message = site.message(id).clone();
            let thread = message["conversation_id"].as_u64().unwrap();
            message["conversation"] = site.shown(thread).unwrap();
            message["event"] = json!("message_created");
            message
        };
        let Event::Message(event) = Delivery::parse(payload.to_string().as_bytes())
            .unwrap()
            .event
        else {
            panic!("no message: {payload}")
        };
        let event = RefCell::new(Some(*event));
        let log = self.stack.job(
            &self.tenant.business_id,
            async |cx: &common::Context<'_>, business: &str| {
                let channel_id = common::ids::ChannelId::unchecked(self.channel.as_str());
                let settings = common::json::Fields::new();
                let account = source_chatwoot::Account {
                    channel_id: &channel_id,
                    settings: &settings,
                };
                let event = event.take().unwrap();
                source_chatwoot::ingest(&cx.of_business(business), &account, vec![event]).await?;
                Ok(())
            },
        );
        assert_eq!(log["level"], "info", "{log}");
    }

    pub(super) fn text(&self, sql: &str) -> String {
        let value = self.stack.db.value(sql);
        value.as_text().unwrap_or_default().to_owned()
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        self.stack.db.value(sql).as_integer().unwrap_or_default()
    }

    /// What is here, in the order in which it was written.
    pub(super) fn messages(&self) -> String {
        self.text(
            "SELECT group_concat(content, ', ') FROM (SELECT content FROM messages
             ORDER BY CAST(provider_id AS INTEGER))",
        )
    }

    pub(super) fn jobs(&self) -> String {
        self.text(
            "SELECT group_concat(kind || ' ' || subject || ' ' || state || ' ' || coalesce(error ->> 'message', ''), '; ')
             FROM crm_jobs WHERE connector = 'chatwoot' AND state <> 'done'",
        )
    }

    /// Everything that people can see of what was taken in.
    pub(super) fn everything(&self) -> String {
        let parts = [
            "SELECT json_group_array(json_array(provider_id, content, direction, status)) FROM (
               SELECT * FROM messages ORDER BY created_at)",
            "SELECT json_group_array(json_array(thread, status, priority, assignee, tags, message_count)) FROM (
               SELECT * FROM conversations ORDER BY thread)",
            "SELECT json_group_array(json_array(name, email, phone, custom_fields, revision)) FROM (
               SELECT * FROM customers ORDER BY email)",
            "SELECT json_group_array(json_array(author, content)) FROM (
               SELECT * FROM conversation_notes ORDER BY created_at)",
            "SELECT count(*) || ' events' FROM outbox",
        ];
        let shown = parts.map(|sql| {
            let value = self.stack.db.value(sql);
            value.as_text().unwrap_or_default().to_owned()
        });
        shown.join("\n")
    }
}
