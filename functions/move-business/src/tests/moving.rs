//! A move, from beginning to end.

use super::{ACCOUNT, SECOND, ask, drained, moved, rows, two, with_something};
use common::db::DbError;
use serde_json::{Value, json};
use testkit::{Failure, Stack, Tenant};

#[test]
fn business_move_answers_until_every_row_has_gone_along_and_none_is_left() {
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
    assert_eq!(
        several.directory.borrow().get(&tenant.business_id),
        Some(&0)
    );
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
        several
            .directory
            .borrow_mut()
            .insert(tenant.business_id.clone(), number);
        several.forget();
        stack.receive_whatsapp(
            ACCOUNT,
            &format!("wamid.9{number}"),
            "353871234560",
            "Here?",
        );
    }
    assert_eq!(rows(&several, 0, &tenant), Vec::<String>::new());
    assert_eq!(several.all[1].sql("SELECT id FROM messages").len(), 5);
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
    let signature =
        common::signatures::hmac_sha256_hex(testkit::APP_SECRET.as_bytes(), delivery.as_bytes());
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
fn business_move_refuses_invalid_input_and_what_cannot_be_moved() {
    let (stack, several, tenant) = two();
    let asked = |body: Value| {
        let answer = ask(&stack, &tenant, &body);
        let (status, code) = answer.refusal();
        (status, code.to_owned())
    };
    assert_eq!(asked(json!({"to": 2})), (422, "invalid_request".into()));
    assert_eq!(asked(json!({})), (422, "invalid_request".into()));
    assert_eq!(
        asked(json!({"to": 0, "cancel": true})),
        (422, "invalid_request".into())
    );
    assert_eq!(asked(json!({"to": "0"})), (422, "invalid_request".into()));
    // It is there already, and nothing is under way.
    assert_eq!(
        ask(&stack, &tenant, &json!({"to": 1})).json["move"],
        Value::Null
    );
    assert_eq!(
        ask(&stack, &tenant, &json!({"cancel": true})).json["database"],
        1
    );

    several.all[0].sql("CREATE TABLE newer (id TEXT)");
    assert_eq!(asked(json!({"to": 0})), (409, "conflict".into()));
    several.all[0].sql("DROP TABLE newer");
    stack.ports.set("DATABASE_MAX_BYTES", "1000");
    assert_eq!(asked(json!({"to": 0})), (409, "conflict".into()));
    stack.ports.set("DATABASE_MAX_BYTES", "");

    let nobody = Tenant {
        business_id: "019b7ca9-8c88-7e56-971c-de3558979999".into(),
        ..tenant.clone()
    };
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
    several
        .directory
        .borrow_mut()
        .insert(tenant.business_id.clone(), 2);
    let found = stack
        .call("customers", "GET", "/api-customers?email=a@b.ie")
        .key(&tenant.api_key)
        .send(customers::handler::handle);
    assert_eq!(found.status, 404, "{}", found.text());
    assert_eq!(several.places.borrow().get(&tenant.business_id), Some(&1));
}

#[test]
fn operator_databases_answers_with_each_and_whether_it_takes_new_businesses() {
    let (stack, _, tenant) = two();
    let listed = |stack: &Stack| {
        let call = stack.call("move-business", "GET", "/api/operator/databases");
        let answer = call
            .bearer(testkit::PLATFORM_TOKEN)
            .send(move_business::handler::handle);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let listed = answer.json["databases"].as_array().unwrap().clone();
        let row = |row: &Value| {
            (
                row["businesses"].as_i64().unwrap(),
                row["takes_new"].as_bool().unwrap(),
            )
        };
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

/// Every route of this function, as it is called.
const CALLS: [(&str, &str); 3] = [
    ("GET", "/api/operator/databases"),
    (
        "GET",
        "/api/operator/businesses/019b7ca9-8c88-7e56-971c-de3558970000/move",
    ),
    (
        "POST",
        "/api/operator/businesses/019b7ca9-8c88-7e56-971c-de3558970000/move",
    ),
];

fn refuses_callers((method, path): (&'static str, &str)) {
    let (stack, _, tenant) = two();
    let call = || {
        stack
            .call("move-business", method, path)
            .json(&json!({"to": 0}))
    };
    let nobody = call().send(move_business::handler::handle);
    assert_eq!(nobody.refusal(), (401, "missing_token"));
    let admin = call()
        .bearer(&tenant.admin_key)
        .send(move_business::handler::handle);
    assert_eq!(admin.refusal(), (401, "invalid_token"));
}

#[test]
fn operator_databases_refuses_callers_without_the_platform_token() {
    refuses_callers(CALLS[0]);
}

#[test]
fn business_move_get_refuses_callers_without_the_platform_token() {
    refuses_callers(CALLS[1]);
}

#[test]
fn business_move_refuses_callers_without_the_platform_token() {
    refuses_callers(CALLS[2]);
}

#[test]
fn operator_databases_refuses_invalid_input() {
    let (stack, ..) = two();
    let call = stack.call("move-business", "GET", "/api/operator/databases?size=1");
    let answer = call
        .bearer(testkit::PLATFORM_TOKEN)
        .send(move_business::handler::handle);
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn business_move_get_refuses_invalid_input() {
    let (stack, ..) = two();
    let call = stack.call(
        "move-business",
        "GET",
        "/api/operator/businesses/nobody/move",
    );
    let answer = call
        .bearer(testkit::PLATFORM_TOKEN)
        .send(move_business::handler::handle);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn business_move_get_answers_with_where_it_is() {
    let (stack, _, tenant) = two();
    let here = super::status(&stack, &tenant);
    assert_eq!(here["database"], 1);
    assert_eq!(here["move"], Value::Null);
    assert_eq!(ask(&stack, &tenant, &json!({"to": 0})).status, 200);
    let under_way = super::status(&stack, &tenant);
    assert_eq!(under_way["move"]["state"], "draining", "{under_way}");
    assert_eq!(under_way["move"]["to"], 0);
}
