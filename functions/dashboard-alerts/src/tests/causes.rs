use super::{Desk, HOUR, MINUTE};
use serde_json::{Value, json};

fn one(cause: &str, object: &str) -> Vec<(String, String)> {
    vec![(cause.to_owned(), object.to_owned())]
}

/// Lets the cause be gone for as long as it takes, and finds the alert resolved, once.
pub(super) fn resolves(desk: &Desk, cause: &str) {
    desk.minutes(2);
    assert_eq!(desk.open().len(), 1, "what comes and goes is one alert");
    desk.minutes(1);
    assert_eq!(desk.open(), []);
    let past = desk.alerts("resolved");
    assert_eq!(past.len(), 1);
    assert_eq!(past[0]["cause"], cause);
    assert!(past[0]["ended_at"].is_string());
    desk.minutes(3);
    let raised = format!("alert.raised {cause}");
    assert_eq!(desk.events(), [raised, format!("alert.resolved {cause}")]);
}

#[test]
fn an_endpoint_that_fails_is_raised_once_and_resolved_once_it_works() {
    let desk = Desk::new();
    let since = desk.now();
    let id = desk.failing_endpoint(since);
    desk.minutes(4);
    assert_eq!(desk.open(), [], "not before five minutes");
    desk.minutes(5);
    let alert = desk.only();
    assert_eq!(desk.open(), one("webhook_failing", &id));
    assert_eq!(
        alert["began_at"],
        json!(common::time::Timestamp::from_micros(since).to_string())
    );
    assert_eq!(
        (&alert["severity"], &alert["status"]),
        (&json!("critical"), &json!("open"))
    );
    assert_eq!(desk.events(), ["alert.raised webhook_failing"]);
    desk.mend_endpoint(&id);
    resolves(&desk, "webhook_failing");
}

#[test]
fn an_endpoint_that_was_disabled_for_failing_is_told_and_one_that_a_person_disabled_is_not() {
    let desk = Desk::new();
    let id = desk.failing_endpoint(desk.now());
    let disable = |reason: &str| {
        desk.sql(&format!(
            "UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = '{reason}' WHERE id = '{id}'"
        ));
    };
    disable("by_request");
    desk.minutes(10);
    assert_eq!(desk.open(), []);
    disable("gone");
    desk.minute();
    assert!(desk.only()["summary"].as_str().unwrap().contains("is gone"));
    // The same endpoint, the same cause: one alert, also for another reason.
    disable("failing");
    desk.minutes(5);
    assert_eq!(desk.open(), one("webhook_failing", &id));
    desk.sql("UPDATE webhook_endpoints SET deleted_at = 1");
    resolves(&desk, "webhook_failing");
}

#[test]
fn what_stops_for_a_moment_is_the_same_alert() {
    let desk = Desk::new();
    let id = desk.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    let first = desk.only()["id"].clone();
    for _ in 0..3 {
        desk.mend_endpoint(&id);
        desk.minutes(2);
        desk.sql("UPDATE webhook_endpoints SET failing_since = 1");
        desk.minute();
    }
    assert_eq!(desk.only()["id"], first);
    assert_eq!(desk.events(), ["alert.raised webhook_failing"]);
}

#[test]
fn an_account_that_its_provider_refuses_is_raised_and_resolved() {
    let desk = Desk::new();
    let id = desk.stack.whatsapp(&desk.tenant, "4711");
    desk.minute();
    assert_eq!(desk.open(), []);
    desk.sql("UPDATE channels SET status_reason = 'The access token\nhas expired.'");
    desk.minute();
    assert_eq!(desk.open(), one("channel_refused", &id));
    let summary = desk.only()["summary"].as_str().unwrap().to_owned();
    assert!(
        summary.contains("The access token has expired."),
        "{summary}"
    );
    desk.sql("UPDATE channels SET status_reason = NULL");
    resolves(&desk, "channel_refused");
}

#[test]
fn messages_that_wait_for_five_minutes_are_raised_and_resolved() {
    let desk = Desk::new();
    let other = desk.other();
    let now = desk.now();
    desk.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{{business}}', 'm1', 'queued', '[]', {now}, {now})"
    ));
    desk.minutes(4);
    assert_eq!(desk.open(), []);
    desk.minute();
    assert_eq!(desk.open(), one("queue_slow", "messages"));
    assert_eq!(other.open(), [], "what is another's");
    // What is looked up at the provider was sent.
    desk.sql("UPDATE sends SET state = 'checking'");
    resolves(&desk, "queue_slow");
}

#[test]
fn deliveries_that_nobody_tries_are_raised_and_those_that_are_tried_later_are_not() {
    let desk = Desk::new();
    let (endpoint, _) = desk
        .stack
        .endpoint(&desk.tenant, "https://crm.example/hook", &["*"]);
    let now = desk.now();
    desk.sql(&format!(
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, due_at,
           created_at, updated_at)
         VALUES ('{{business}}', 'd1', '{endpoint}', 1, 'customer.updated', 'e1', {}, {now}, {now})",
        now + 20 * MINUTE
    ));
    desk.minutes(20);
    assert_eq!(desk.open(), [], "its next try is due later");
    desk.minutes(5);
    assert_eq!(desk.open(), one("queue_slow", "deliveries"));
    desk.sql("DELETE FROM deliveries");
    resolves(&desk, "queue_slow");
}

#[test]
fn events_that_nobody_hands_out_are_deliveries_that_wait() {
    let desk = Desk::new();
    let subject = testkit::CUSTOMER_ID;
    desk.stack
        .happened(&desk.tenant, "customer.updated", subject, &Value::Null);
    (0..5).for_each(|_| desk.minute_without_fan_out());
    assert_eq!(desk.open(), one("queue_slow", "deliveries"));
}

#[test]
fn a_link_that_cannot_be_fetched_is_raised_and_resolved() {
    let desk = Desk::new();
    let now = desk.now();
    desk.sql(&format!(
        "INSERT INTO knowledge_links (business_id, id, page_id, url, type, name, description, channels,
           is_active, settings, credentials, failing_since, created_at, updated_at)
         VALUES ('{{business}}', 'l1', 'p', 'https://shop.example/', 'url', 'Orders', '', '{{}}', 1, '{{}}', '',
           {now}, {now}, {now})"
    ));
    desk.minutes(14);
    assert_eq!(desk.open(), []);
    desk.minute();
    assert_eq!(desk.open(), one("crm_link_failing", "l1"));
    desk.sql("UPDATE knowledge_links SET failing_since = NULL");
    resolves(&desk, "crm_link_failing");
}

#[test]
fn a_link_with_suspiciously_few_records_is_told_at_once() {
    let desk = Desk::new();
    desk.sql(
        "INSERT INTO knowledge_links (business_id, id, page_id, url, type, name, description, channels,
           is_active, settings, credentials, suspect, created_at, updated_at)
         VALUES ('{business}', 'l1', 'p', 'https://shop.example/', 'url', 'Orders', '', '{}', 1, '{}', '',
           3, 0, 0)",
    );
    desk.minute();
    assert_eq!(desk.open(), one("crm_link_failing", "l1"));
    // Nobody uses it.
    desk.sql("UPDATE knowledge_links SET is_active = 0");
    resolves(&desk, "crm_link_failing");
}

#[test]
fn a_full_database_is_told_to_the_operators_business_alone() {
    let desk = Desk::new();
    let other = desk.other();
    let ports = &desk.stack.ports;
    ports.set("OPERATOR_BUSINESS_ID", &desk.tenant.business_id);
    ports.set("DATABASE_MAX_BYTES", "1000000000000");
    desk.minute();
    assert_eq!(desk.open(), []);
    ports.set("DATABASE_MAX_BYTES", "1000");
    desk.minute();
    assert_eq!(desk.open(), one("database_full", "database"));
    assert_eq!(other.open(), []);
    ports.set("DATABASE_MAX_BYTES", "1000000000000");
    resolves(&desk, "database_full");
}

#[test]
fn a_rule_that_is_off_raises_nothing_and_ends_what_it_raised() {
    let desk = Desk::new();
    let id = desk.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    assert_eq!(desk.open(), one("webhook_failing", &id));
    desk.set(&json!({ "rules": { "webhook_failing": { "enabled": false } } }));
    resolves(&desk, "webhook_failing");
    // By another threshold.
    desk.set(&json!({ "rules": { "webhook_failing": { "enabled": true, "threshold": 1440 } } }));
    desk.minutes(3);
    assert_eq!(desk.open(), []);
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let desk = Desk::new();
    desk.stack
        .endpoint(&desk.tenant, "https://crm.example/hook", &["*"]);
    let _ = desk.stack.whatsapp(&desk.tenant, "4712");
    desk.minutes(15);
    assert_eq!(desk.open(), []);
    assert_eq!(desk.events(), [] as [String; 0]);
}

/// What Meta says of a token.
fn token(desk: &Desk, data: &'static str) {
    desk.stack.ports.respond(move |request| {
        assert!(
            request
                .url
                .starts_with("https://graph.facebook.com/v26.0/debug_token?input_token=")
        );
        let data: Value = serde_json::from_str(data).unwrap();
        Some(testkit::answer(200, &json!({ "data": data })))
    });
}

#[test]
fn a_token_that_ends_within_a_week_is_raised_and_resolved_by_another() {
    let desk = Desk::new();
    let id = desk.stack.whatsapp(&desk.tenant, "4715");
    // 2026-01-12, in ten days.
    token(&desk, r#"{ "is_valid": true, "expires_at": 1768176000 }"#);
    desk.minutes(5);
    assert_eq!(desk.stack.ports.take_requests().len(), 1, "once a day");
    assert_eq!(desk.open(), []);
    desk.stack.advance(3 * 24 * HOUR);
    desk.minute();
    assert_eq!(desk.open(), one("channel_refused", &id));
    let summary = desk.only()["summary"].as_str().unwrap().to_owned();
    assert!(summary.ends_with("ends 2026-01-12 00:00 UTC."), "{summary}");
    token(&desk, r#"{ "is_valid": true, "expires_at": 0 }"#);
    desk.stack.advance(24 * HOUR);
    resolves(&desk, "channel_refused");
}

#[test]
fn a_token_that_is_not_valid_any_more_is_raised_before_anything_is_sent() {
    let desk = Desk::new();
    let id = desk.stack.whatsapp(&desk.tenant, "4716");
    token(
        &desk,
        r#"{ "is_valid": false, "expires_at": 0, "error": { "code": 190 } }"#,
    );
    desk.minute();
    assert_eq!(desk.open(), one("channel_refused", &id));
}

#[test]
fn a_token_that_nothing_is_learned_of_is_no_alert() {
    let desk = Desk::new();
    let _ = desk.stack.whatsapp(&desk.tenant, "4717");
    let says: [fn() -> _; 4] = [
        || testkit::answer(400, &json!({ "error": { "code": 100 } })),
        || testkit::answer(200, &json!([])),
        || testkit::answer(200, &json!({ "data": { "is_valid": true } })),
        || testkit::refused(),
    ];
    for say in says {
        desk.stack.ports.respond(move |_| Some(say()));
        desk.stack.advance(24 * HOUR);
        desk.minute();
        assert_eq!(desk.open(), []);
        assert_eq!(desk.stack.ports.take_requests().len(), 1);
    }
}
