//! Migrations that move what was there.

use common::Context;
use common::db::Value;
use messaging::conversations::handoff::{HandoffSettings, handoff_get};
use serde_json::json;
use testkit::{Sqlite, Stack};

const HANDOFF: &str = "0011_handoff.sql";

/// A deployment from before the hand-off settings, with connections to CRMs.
struct Before(Sqlite);

impl Before {
    fn new() -> Self {
        Self(Sqlite::before_migration(HANDOFF))
    }

    /// A business and its connection, of which messages were looked through up to `phrases_to`.
    fn connection(
        &self,
        business: &str,
        connector: &str,
        status: &str,
        settings: &serde_json::Value,
    ) {
        self.0.sql(&format!(
            "INSERT OR IGNORE INTO businesses (id, name, default_region, created_at)
             VALUES ('{business}', 'Acme', 'IE', 0)"
        ));
        self.0.sql(&format!(
            "INSERT INTO integrations (business_id, connector, status, settings, credentials,
               phrases_to, created_at, updated_at)
             VALUES ('{business}', '{connector}', '{status}', '{settings}', 'sealed', 7, 5, 6)"
        ));
    }

    /// The same deployment after the migration.
    fn migrated(self) -> Stack {
        self.0.migrate_from(HANDOFF);
        Stack::on(self.0)
    }
}

fn handoff(stack: &Stack, business: &str) -> HandoffSettings {
    let mut read = None;
    stack.job(business, async |cx: &Context<'_>, business: &str| {
        read = Some(handoff_get(&cx.of_business(business)).await?);
        Ok(())
    });
    read.unwrap()
}

#[test]
fn phrases_in_the_settings_of_a_crm_become_hand_off_settings_of_the_business() {
    let before = Before::new();
    let settings = json!({
        "subdomain": "acme",
        "escalation": {
            "phrases_on": true, "phrases": { "en": ["talk to a human"] }, "message": "One moment.",
        },
    });
    before.connection("b1", "kustomer", "active", &settings);
    let stack = before.migrated();
    let handoff = handoff(&stack, "b1");
    assert!(handoff.is_enabled);
    assert_eq!(handoff.triggers, r#"{"en":["talk to a human"]}"#);
    assert_eq!(handoff.message.as_deref(), Some("One moment."));
    // What was looked through already is not looked through again.
    assert_eq!(handoff.scanned_to, 7);
    let answer: serde_json::Value = serde_json::from_str(&handoff.answer()).unwrap();
    assert_eq!(
        answer["handoff"]["updated_at"],
        "1970-01-01T00:00:00.000006Z"
    );
    let left = stack.db.value("SELECT settings FROM integrations");
    assert_eq!(left, Value::from(r#"{"subdomain":"acme"}"#));
}

#[test]
fn phrases_were_looked_for_only_where_the_connection_was_on_and_said_so() {
    let before = Before::new();
    let on = json!({ "escalation": { "phrases_on": true, "phrases": { "de": ["mensch"] } } });
    let off = json!({ "escalation": { "phrases_on": false, "message": "One moment." } });
    let unsaid = json!({ "escalation": { "phrases": { "en": ["person"] } } });
    before.connection("disabled", "kustomer", "disabled", &on);
    before.connection("off", "kustomer", "active", &off);
    before.connection("unsaid", "other", "active", &unsaid);
    before.connection(
        "without",
        "third",
        "active",
        &json!({ "subdomain": "acme" }),
    );
    let stack = before.migrated();
    for business in ["disabled", "off", "unsaid", "without"] {
        assert!(!handoff(&stack, business).is_enabled, "{business}");
    }
    assert_eq!(handoff(&stack, "disabled").triggers, r#"{"de":["mensch"]}"#);
    let off = handoff(&stack, "off");
    assert_eq!(
        (off.triggers.as_str(), off.message.as_deref()),
        ("{}", Some("One moment."))
    );
    assert_eq!(handoff(&stack, "unsaid").triggers, r#"{"en":["person"]}"#);
    assert_eq!(handoff(&stack, "without"), HandoffSettings::default());
    let settings = "SELECT count(*) FROM integrations WHERE settings LIKE '%escalation%'";
    assert_eq!(stack.db.value(settings).as_integer(), Some(0));
}

#[test]
fn of_two_connections_the_one_that_is_on_gives_the_hand_off_settings() {
    let before = Before::new();
    let of = |message: &str| json!({ "escalation": { "phrases_on": true, "message": message } });
    before.connection("b1", "a-crm", "disabled", &of("The one that is off"));
    before.connection("b1", "kustomer", "active", &of("The one that is on"));
    let stack = before.migrated();
    let handoff = handoff(&stack, "b1");
    assert!(handoff.is_enabled);
    assert_eq!(handoff.message.as_deref(), Some("The one that is on"));
}

#[test]
fn answers_to_email_go_to_the_customer_until_an_agent_confirms_another_address() {
    const CONTACTS: &str = "0016_confirmed_contacts.sql";
    let before = Sqlite::before_migration(CONTACTS);
    before.sql(
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES ('b', 'Acme', 'IE', 0)",
    );
    before.sql(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         VALUES ('b', 'email', 'joe@example.com', '', 'joe'), ('b', 'email', 'ann@example.com', '', 'ann')",
    );
    for (id, channel, contact) in [
        ("own", "email", "joe@example.com"),
        ("others", "email", "ann@example.com"),
        ("nobodys", "email", "office@evil.example"),
        ("number", "sms", "+353871234567"),
    ] {
        before.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, last_message_at,
               contact, created_at, updated_at)
             VALUES ('b', '{id}', 'joe', '{id}', '{channel}', 0, '{contact}', 0, 0)"
        ));
    }
    before.migrate_from(CONTACTS);
    let left = "SELECT group_concat(id || ' ' || coalesce(contact, '-'), '|')
      FROM (SELECT id, contact FROM conversations ORDER BY id)";
    assert_eq!(
        before.value(left),
        Value::from("nobodys -|number +353871234567|others -|own joe@example.com")
    );
}

#[test]
fn accounts_from_before_owners_were_checked_go_on_receiving() {
    const OWNERS: &str = "0018_owners.sql";
    let before = Sqlite::before_migration(OWNERS);
    before.sql(
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES ('b', 'Acme', 'IE', 0)",
    );
    for (id, kind, settings, secrets) in [
        (
            "cloudflare",
            "email",
            r#"{"provider":"cloudflare"}"#,
            "'', ''",
        ),
        ("resend", "email", r#"{"provider":"resend"}"#, "'', ''"),
        ("number", "sms", "{}", "'', ''"),
        ("app", "whatsapp", "{}", "'s', ''"),
        ("other app", "whatsapp", "{}", "'t', ''"),
        ("instagram", "instagram", "{}", "'s', 'u'"),
    ] {
        before.sql(&format!(
            "INSERT INTO channels (business_id, id, kind, name, address, settings, app_secret_id,
               second_secret_id, created_at, updated_at)
             VALUES ('b', '{id}', '{kind}', '', '{kind} {settings}', '{settings}', {secrets}, 0, 0)"
        ));
    }
    before.migrate_from(OWNERS);
    let left = "SELECT count(*) FROM channels WHERE verification = 'assumed' AND verify_at IS NULL";
    assert_eq!(before.value(left), Value::from(6));
    // Whoever of them shares a callback holds the address until another proves it.
    for id in ["cloudflare", "app", "instagram"] {
        let again = format!(
            "INSERT OR IGNORE INTO channels (business_id, id, kind, name, address, settings,
               app_secret_id, second_secret_id, created_at, updated_at)
             SELECT 'b', 'again', kind, name, address, settings, app_secret_id, second_secret_id, 0, 0
             FROM channels WHERE id = '{id}'"
        );
        before.sql(&again);
        assert_eq!(
            before.value("SELECT count(*) FROM channels"),
            Value::from(6),
            "{id}"
        );
    }
}

#[test]
fn who_was_erased_before_is_erased_again_with_tags_and_ids_of_providers() {
    const ERASURES: &str = "0020_erasures.sql";
    let before = Sqlite::before_migration(ERASURES);
    before.sql(
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES ('b', 'Acme', 'IE', 0)",
    );
    before.sql(
        "INSERT INTO customers (business_id, id, revision, created_at, updated_at, erased_at)
         VALUES ('b', 'gone', 1, 0, 0, 5), ('b', 'here', 1, 0, 0, NULL)",
    );
    let conversation = common::ids::lowest_id(common::time::Timestamp::from_micros(0));
    for customer in ["gone", "here"] {
        before.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, last_message_at,
               tags, created_at, updated_at)
             VALUES ('b', '{customer}{conversation}', '{customer}', 'c', 'whatsapp', 0, '[\"vip\"]', 0, 0)"
        ));
        before.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, status, provider_id, updated_at)
             VALUES ('b', length('{customer}') + (SELECT count(*) FROM messages), 'm-{customer}',
               '{customer}{conversation}', '{customer}', 'c', 'whatsapp', 'inbound', 'text', 'received',
               'wamid.{customer}', 0)"
        ));
    }
    before.migrate_from(ERASURES);
    let stack = Stack::on(before);
    let log = stack.job("", customers::handler::each_minute);
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    let left = "SELECT group_concat(tags || substr(provider_id, 1, 7), '|')
      FROM (SELECT v.tags, m.provider_id FROM conversations v
            JOIN messages m ON m.conversation_id = v.id ORDER BY v.id)";
    assert_eq!(
        stack.db.value(left),
        Value::from("[]erased:|[\"vip\"]wamid.h")
    );
}
