//! A move, from beginning to end.

use super::{SECOND, ask, cron, moved, rows, status, two};
use common::db::DbError;
use serde_json::{Value, json};
use testkit::{Failure, Several, Stack, Tenant};

const ACCOUNT: &str = "106540352242922";

/// A business with something of most.
fn with_something() -> (Stack, Several, Tenant) {
    with_account(ACCOUNT)
}

/// Its WhatsApp account has this number: an isolate remembers whose that is.
fn with_account(number: &str) -> (Stack, Several, Tenant) {
    let (stack, several, tenant) = two();
    let _account = stack.whatsapp(&tenant, number);
    let (_endpoint, _) = stack.endpoint(&tenant, "https://crm.example/hook", &["message.received"]);
    for n in 0..3 {
        let (id, from) = (format!("wamid.{n}"), format!("35387123456{n}"));
        stack.receive_whatsapp(number, &id, &from, "Is \"it\" open? \u{1f600}");
    }
    stack.connect(
        &tenant,
        &testkit::Connection {
            connector: "kustomer",
            org: "org",
            user: "user",
            settings: &json!({}),
            credentials: &json!({"api_key": "a-key-of-the-crm"}),
        },
    );
    (stack, several, tenant)
}

#[test]
fn every_row_goes_along_and_none_is_left() {
    let (stack, several, tenant) = with_something();
    let other = stack.tenant("Another business");
    let (before, others) = (rows(&several, 1, &tenant), rows(&several, 1, &other));
    assert!(before.len() > 30, "{before:#?}");
    let status = moved(&stack, &tenant, 0);
    assert_eq!(status["database"], 0, "{status}");
    assert!(status["closed_ms"].is_i64(), "{status}");
    assert_eq!(rows(&several, 0, &tenant), before);
    assert_eq!(rows(&several, 1, &tenant), Vec::<String>::new());
    assert_eq!(rows(&several, 1, &other), others);
    assert_eq!(several.directory.borrow().get(&tenant.business_id), Some(&0));
}

#[test]
fn what_triggers_make_of_many_rows_gives_way_to_what_there_was() {
    let (stack, several, tenant) = with_something();
    several.all[1].sql(&format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4500)
         INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, ordered_at, created_at, updated_at)
         SELECT '{}', 'kustomer', 'k' || n, 'i' || n, 's' || n, 'message', 'x', n, n, n FROM n",
        tenant.business_id
    ));
    several.all[1].sql("UPDATE crm_streams SET due_at = 7, minute = 5");
    several.all[1].sql("UPDATE usage_counts SET n = n + 1");
    let before = rows(&several, 1, &tenant);
    moved(&stack, &tenant, 0);
    assert_eq!(rows(&several, 0, &tenant), before);
}

#[test]
fn an_address_that_is_there_already_ends_the_move_at_once() {
    let (stack, several, tenant) = with_something();
    several.for_new.set(Some(0));
    let other = stack.tenant("Other");
    several.all[0].sql(&format!(
        "INSERT INTO channels (business_id, id, kind, name, address, app_secret_id, created_at, updated_at, verification)
         VALUES ('{}', 'c', 'whatsapp', 'n', 'a', 's', 0, 0, 'verified')",
        other.business_id
    ));
    several.all[1].sql("UPDATE channels SET address = 'a', app_secret_id = 's', verification = 'verified'");
    let before = rows(&several, 1, &tenant);
    drained(&stack, &tenant, 0);
    let answer = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert_eq!(status(&stack, &tenant)["database"], 1);
    assert_eq!(rows(&several, 1, &tenant), before);
}

#[test]
fn one_that_only_goes_on_does_not_begin_a_move_that_was_given_up() {
    let (stack, several, tenant) = with_something();
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    assert_eq!(ask(&stack, &tenant, &json!({"cancel": true})).status, 200);
    let answer = ask(&stack, &tenant, &json!({"to": 0, "continues": true}));
    assert_eq!(answer.json["move"], Value::Null, "{}", answer.text());
    assert_eq!(answer.json["database"], 1);
    assert!(several.all[1].sql("SELECT state FROM moves").is_empty());
}

#[test]
fn it_comes_back_and_is_what_it_was() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    moved(&stack, &tenant, 0);
    moved(&stack, &tenant, 1);
    assert_eq!(rows(&several, 1, &tenant), before);
    assert_eq!(rows(&several, 0, &tenant), Vec::<String>::new());
    // Whoever still believes what was said before the first move finds it, too.
    several.forget();
    for number in [0, 1] {
        several.directory.borrow_mut().insert(tenant.business_id.clone(), number);
        several.forget();
        stack.receive_whatsapp(ACCOUNT, &format!("wamid.9{number}"), "353871234560", "Here?");
    }
    assert_eq!(rows(&several, 0, &tenant), Vec::<String>::new());
    assert_eq!(several.all[1].sql("SELECT id FROM messages").len(), 5);
}

/// Asks until rows are about to be copied: the time of draining is over.
fn drained(stack: &Stack, tenant: &Tenant, to: usize) {
    let begun = ask(stack, tenant, &json!({ "to": to }));
    assert_eq!(begun.json["move"]["state"], "draining", "{}", begun.text());
    let wait = begun.json["move"]["wait_seconds"].as_i64().unwrap();
    stack.advance(wait * SECOND);
}

#[test]
fn while_it_drains_it_is_open_and_nothing_is_begun_that_others_see() {
    let (stack, several, tenant) = with_something();
    let begun = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(begun.json["move"]["is_closed"], false, "{}", begun.text());
    assert_eq!(begun.json["database"], 1);
    assert_eq!(begun.json["move"]["wait_seconds"], 45);
    let sent = json!({"phone": "353871234560", "channel": "whatsapp", "content": "Now?"});
    let answer = stack
        .call("send-message", "POST", "/api-send-message")
        .key(&tenant.api_key)
        .json(&sent)
        .send(send_message::handler::handle);
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json["message"]["status"], "queued");
    assert!(stack.ports.requests.borrow().is_empty());
    moved(&stack, &tenant, 0);
    let state = several.all[0].value("SELECT state FROM sends");
    assert_eq!(state.as_text(), Some("queued"));
}

#[test]
fn nothing_is_copied_before_it_has_drained() {
    let (stack, several, tenant) = with_something();
    for _ in 0..3 {
        let answer = ask(&stack, &tenant, &json!({"to": 0}));
        assert_eq!(answer.json["move"]["state"], "draining");
        stack.advance(10 * SECOND);
    }
    assert!(rows(&several, 0, &tenant).is_empty());
}

#[test]
fn whatever_call_of_a_database_fails_the_move_goes_on() {
    let away = || DbError::Outage("away".into());
    let mut made = 0;
    for number in [0, 1] {
        for calls in 0..40 {
            for failure in [Failure::Before(away()), Failure::After(away())] {
                made += 1;
                let (stack, several, tenant) = with_account(&format!("10654035224{made:04}"));
                let before = rows(&several, 1, &tenant);
                drained(&stack, &tenant, 0);
                several.all[number].fail_after(calls, failure);
                let mut failed = 0;
                while ask(&stack, &tenant, &json!({"to": 0})).status == 503 {
                    failed += 1;
                    assert!(failed < 3);
                    // A call that was cut off keeps others away for half a minute.
                    stack.advance(31 * SECOND);
                }
                several.all[number].recover();
                moved(&stack, &tenant, 0);
                assert_eq!(rows(&several, 0, &tenant), before, "{number} {calls}");
                assert!(rows(&several, 1, &tenant).is_empty(), "{number} {calls}");
                let open = "SELECT business_id FROM moves WHERE progress <> ''";
                assert!(several.all.iter().all(|database| database.sql(open).is_empty()));
            }
        }
    }
}

#[test]
fn the_cron_ends_a_move_that_nobody_asks_for_any_more() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    let log = cron(&stack);
    assert_eq!(log["code"], Value::Null, "{log}");
    assert_eq!(rows(&several, 1, &tenant), before);
    stack.advance(60 * SECOND);
    let log = cron(&stack);
    assert_eq!(log["code"], Value::Null, "{log}");
    assert_eq!(rows(&several, 0, &tenant), before);
    assert!(rows(&several, 1, &tenant).is_empty());
    assert_eq!(status(&stack, &tenant)["database"], 0);
}

#[test]
fn a_move_that_is_given_up_leaves_all_as_it_was() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    // While it drains, and in the middle of copying: the last tables cannot be written.
    for calls in [0, 6] {
        drained(&stack, &tenant, 0);
        if calls > 0 {
            several.all[0].fail_after(calls, Failure::Before(DbError::Outage("away".into())));
            assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
            assert!(!rows(&several, 0, &tenant).is_empty());
        }
        let cancelled = ask(&stack, &tenant, &json!({"cancel": true}));
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        assert_eq!(cancelled.json["database"], 1);
        assert_eq!(cancelled.json["move"], Value::Null);
        assert_eq!(rows(&several, 1, &tenant), before);
        assert!(rows(&several, 0, &tenant).is_empty());
        several.all[0].recover();
    }
    moved(&stack, &tenant, 0);
    assert_eq!(rows(&several, 0, &tenant), before);
}

#[test]
fn what_a_move_that_was_given_up_left_is_cleared_away_before_the_next_begins() {
    let (stack, several, tenant) = with_something();
    drained(&stack, &tenant, 0);
    several.all[0].fail_after(6, Failure::Before(DbError::Outage("away".into())));
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
    let begun = "DELETE FROM moves WHERE state = 'frozen'";
    several.all[1].sql(begun);
    assert!(!rows(&several, 0, &tenant).is_empty());
    let again = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(again.json["move"]["state"], "draining", "{}", again.text());
    assert!(rows(&several, 0, &tenant).is_empty());
    // The same where it had only just been expected there.
    several.all[1].sql("DELETE FROM moves");
    let again = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(again.json["move"]["state"], "draining", "{}", again.text());
    // Somebody clears it away although it has begun.
    several.all[0].sql("DELETE FROM moves");
    stack.advance(50 * SECOND);
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).refusal(), (409, "conflict"));
    assert_eq!(moved(&stack, &tenant, 0)["database"], 0);
}

#[test]
fn a_copy_that_is_not_the_same_is_given_up() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    several.all[0].sql(
        "CREATE TRIGGER wrong AFTER INSERT ON messages BEGIN
           UPDATE messages SET content = 'changed' WHERE id = new.id; END",
    );
    several.all[1].sql("CREATE TRIGGER wrong AFTER INSERT ON messages BEGIN
           UPDATE messages SET content = 'changed' WHERE id = old.id; END");
    drained(&stack, &tenant, 0);
    let answer = ask(&stack, &tenant, &json!({"to": 0}));
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert!(answer.text().contains("messages"), "{}", answer.text());
    assert_eq!(status(&stack, &tenant)["database"], 1);
    assert_eq!(rows(&several, 1, &tenant), before);
    assert_eq!(cron(&stack)["code"], Value::Null);
    assert!(rows(&several, 0, &tenant).is_empty());
}

#[test]
fn a_business_that_stays_closed_is_opened_again() {
    let (stack, several, tenant) = with_something();
    let before = rows(&several, 1, &tenant);
    drained(&stack, &tenant, 0);
    several.all[0].fail_after(6, Failure::Before(DbError::Outage("away".into())));
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
    assert_eq!(status(&stack, &tenant)["move"]["is_closed"], true);
    stack.advance(301 * SECOND);
    let log = cron(&stack);
    assert!(log["note"].as_str().unwrap().contains("given up"), "{log}");
    assert_eq!(status(&stack, &tenant)["move"], Value::Null);
    assert_eq!(rows(&several, 1, &tenant), before);
    assert!(rows(&several, 0, &tenant).is_empty());
}

#[test]
fn it_is_closed_while_it_is_copied_and_what_providers_send_is_parked() {
    let (stack, several, tenant) = with_something();
    drained(&stack, &tenant, 0);
    several.all[0].fail_after(6, Failure::Before(DbError::Outage("away".into())));
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 503);
    let found = stack
        .call("customers", "GET", "/api-customers?phone=353871234560")
        .key(&tenant.api_key)
        .send(customers::handler::handle);
    assert_eq!(found.refusal(), (503, "unavailable"), "{}", found.text());
    let delivery = Stack::whatsapp_delivery(ACCOUNT, "wamid.7", "353871234560", "There?");
    let delivery = delivery.to_string();
    let signature = common::signatures::hmac_sha256_hex(testkit::APP_SECRET.as_bytes(), delivery.as_bytes());
    let parked = stack
        .call("webhook-meta", "POST", "/webhook-meta")
        .header("x-hub-signature-256", &format!("sha256={signature}"))
        .body(delivery)
        .send(webhook_meta::handler::handle);
    assert_eq!(parked.status, 200, "{}", parked.text());
    stack.advance(31 * SECOND);
    moved(&stack, &tenant, 0);
    stack.job("", webhook_meta::handler::resume_all);
    let stored = several.all[0].sql("SELECT id FROM messages WHERE provider_id = 'wamid.7'");
    assert_eq!(stored.len(), 1);
}

#[test]
fn what_cannot_be_moved_is_said() {
    let (stack, several, tenant) = two();
    let asked = |body: Value| {
        let answer = ask(&stack, &tenant, &body);
        let (status, code) = answer.refusal();
        (status, code.to_owned())
    };
    assert_eq!(asked(json!({"to": 2})), (422, "invalid_request".into()));
    assert_eq!(asked(json!({})), (422, "invalid_request".into()));
    assert_eq!(asked(json!({"to": 0, "cancel": true})), (422, "invalid_request".into()));
    assert_eq!(asked(json!({"to": "0"})), (422, "invalid_request".into()));
    // It is there already, and nothing is under way.
    assert_eq!(ask(&stack, &tenant, &json!({"to": 1})).json["move"], Value::Null);
    assert_eq!(ask(&stack, &tenant, &json!({"cancel": true})).json["database"], 1);

    several.all[0].sql("CREATE TABLE newer (id TEXT)");
    assert_eq!(asked(json!({"to": 0})), (409, "conflict".into()));
    several.all[0].sql("DROP TABLE newer");
    stack.ports.set("DATABASE_MAX_BYTES", "1000");
    assert_eq!(asked(json!({"to": 0})), (409, "conflict".into()));
    stack.ports.set("DATABASE_MAX_BYTES", "");

    let nobody = Tenant { business_id: "019b7ca9-8c88-7e56-971c-de3558979999".into(), ..tenant.clone() };
    assert_eq!(ask(&stack, &nobody, &json!({"to": 0})).status, 404);
    let alone = Stack::with_databases(1);
    let tenant = alone.tenant("Alone");
    assert_eq!(ask(&alone, &tenant, &json!({"to": 0})).status, 409);
}

#[test]
fn of_three_databases_it_goes_to_one_at_a_time() {
    let stack = Stack::with_databases(3);
    let tenant = stack.tenant("Test business");
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    let elsewhere = ask(&stack, &tenant, &json!({"to": 1}));
    assert_eq!(elsewhere.status, 409, "{}", elsewhere.text());
    moved(&stack, &tenant, 0);
    moved(&stack, &tenant, 1);
    let several = stack.several.clone().unwrap();
    // From what was believed first, over both moves.
    several.forget();
    several.directory.borrow_mut().insert(tenant.business_id.clone(), 2);
    let found = stack
        .call("customers", "GET", "/api-customers?email=a@b.ie")
        .key(&tenant.api_key)
        .send(customers::handler::handle);
    assert_eq!(found.status, 404, "{}", found.text());
    assert_eq!(several.places.borrow().get(&tenant.business_id), Some(&1));
}

#[test]
fn the_databases_are_listed() {
    let (stack, _, tenant) = two();
    let listed = |stack: &Stack| {
        let call = stack.call("move-business", "GET", "/api/operator/databases");
        let answer = call.bearer(testkit::PLATFORM_TOKEN).send(move_business::handler::handle);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let listed = answer.json["databases"].as_array().unwrap().clone();
        let row = |row: &Value| (row["businesses"].as_i64().unwrap(), row["takes_new"].as_bool().unwrap());
        assert!(listed.iter().all(|row| row["bytes"].as_i64() > Some(0)));
        listed.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(listed(&stack), [(0, false), (1, true)]);
    moved(&stack, &tenant, 0);
    assert_eq!(listed(&stack), [(1, false), (0, true)]);
    let alone = Stack::with_databases(1);
    let _tenant = alone.tenant("Alone");
    assert_eq!(listed(&alone), [(1, true)]);
}
