use super::{Desk, conversation, ids};
use common::db::{DbError, Value};
use serde_json::{Value as Json, json};
use testkit::{Answer, CUSTOMER_ID, Failure, answer, refused, timed_out};

/// A desk that was asked an hour ago, and what Kustomer told then.
fn requests_before() -> Desk {
    let desk = Desk::linked(json!([conversation("c1", 1)]));
    assert_eq!(ids(&desk.ask("")), ["c1"]);
    desk.requests_made();
    desk.advance_seconds(3600);
    desk
}

fn is_stale(response: &Answer) -> bool {
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(ids(response), ["c1"]);
    assert_eq!(response.json["fetched_at"], "2026-01-02T03:04:05.000000Z");
    response.json["stale"].as_bool().unwrap() && response.json["cached"].as_bool().unwrap()
}

fn remote_errors(desk: &Desk, column: &str) -> Value {
    desk.stack
        .db
        .value(&format!("SELECT {column} FROM integrations"))
}

#[test]
fn whatever_goes_wrong_there_what_is_remembered_is_told() {
    let failures: [(&str, fn() -> _); 8] = [
        ("nobody listens", refused),
        ("no answer", timed_out),
        ("500", || answer(500, &json!({}))),
        ("401", || {
            answer(401, &json!({ "errors": [{ "message": "bad key" }] }))
        }),
        ("403", || answer(403, &json!({}))),
        ("400", || answer(400, &json!({}))),
        ("429", || answer(429, &json!({}))),
        ("no JSON", || answer(200, &json!("x"))),
    ];
    for (what, failure) in failures {
        let desk = requests_before();
        desk.stack.ports.will(failure());
        assert!(is_stale(&desk.ask("")), "{what}");
        let nothing = Desk::new();
        nothing.link("customer", CUSTOMER_ID, "k1");
        nothing.stack.ports.will(failure());
        let refused = nothing.ask("");
        assert_eq!(refused.refusal(), (503, "crm_unavailable"), "{what}");
        let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3600).contains(&seconds), "{what}");
        assert_eq!(refused.detail().0, "kustomer");
    }
}

#[test]
fn what_is_older_than_a_day_is_told_no_more() {
    let desk = requests_before();
    desk.advance_seconds(23 * 3600 - 1);
    desk.stack.ports.will(refused());
    assert!(is_stale(&desk.ask("")));
    desk.advance_seconds(1);
    desk.stack.ports.will(refused());
    assert_eq!(desk.ask("").refusal(), (503, "crm_unavailable"));
}

#[test]
fn a_crm_that_is_left_alone_is_not_asked() {
    let desk = requests_before();
    let until = desk.stack.now().plus(90_500_000).micros();
    desk.stack
        .db
        .sql(&format!("UPDATE integrations SET broken_until = {until}"));
    assert!(is_stale(&desk.ask("")));
    desk.stack.db.sql("DELETE FROM crm_cache");
    let refused = desk.ask("");
    assert_eq!(refused.refusal(), (503, "crm_unavailable"));
    assert_eq!(refused.header("retry-after"), Some("91"));
    assert_eq!(refused.detail(), ("kustomer", "waiting"));
    assert!(desk.requests_made().is_empty());
}

#[test]
fn a_key_that_is_refused_has_the_crm_left_alone_and_an_answer_makes_it_well() {
    let desk = requests_before();
    desk.stack.ports.will(answer(401, &json!({})));
    assert!(is_stale(&desk.ask("")));
    let why = remote_errors(&desk, "broken_reason").into_text().unwrap();
    assert!(why.contains("bad_key"), "{why}");
    assert!(is_stale(&desk.ask("")));
    assert_eq!(
        desk.requests_made().len(),
        1,
        "the second call asks nothing"
    );
    desk.advance_seconds(301);
    let response = desk.ask("");
    assert_eq!(
        (&response.json["stale"], &response.json["cached"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(remote_errors(&desk, "broken_until"), Value::Null);
    let requests = "SELECT sum(requests) FROM crm_days";
    assert_eq!(desk.stack.db.value(requests), Value::Integer(5));
}

#[test]
fn a_budget_that_is_used_up_is_said_with_when_to_come_again() {
    let desk = requests_before();
    let until = desk.stack.now().plus(20_000_000).micros();
    desk.stack
        .db
        .sql(&format!("UPDATE crm_budgets SET blocked_until = {until}"));
    assert!(is_stale(&desk.ask("")));
    desk.stack.db.sql("DELETE FROM crm_cache");
    let refused = desk.ask("");
    assert_eq!(refused.refusal(), (503, "crm_unavailable"));
    assert_eq!(refused.header("retry-after"), Some("20"));
    assert!(desk.requests_made().is_empty());
}

#[test]
fn without_a_crm_that_is_switched_on_it_is_409() {
    let desk = requests_before();
    for change in [
        "UPDATE integrations SET settings = '{}'",
        "UPDATE integrations SET credentials = NULL, settings = '{\"subdomain\":\"acme\"}'",
        "UPDATE integrations SET status = 'disabled'",
        "DELETE FROM integrations",
    ] {
        desk.stack.db.sql(change);
        assert_eq!(
            desk.ask("").refusal(),
            (409, "crm_not_connected"),
            "{change}"
        );
    }
    assert!(desk.requests_made().is_empty());
}

#[test]
fn without_our_own_database_it_is_503_and_what_cannot_be_remembered_is_told() {
    let mut statuses = Vec::new();
    for calls in 0..10 {
        let desk = Desk::linked(json!([conversation("c1", 1)]));
        // The key is known from now on.
        desk.ask_as(&desk.tenant, "external_id=nobody");
        let away = DbError::Outage("away".into());
        desk.stack.db.fail_after(calls, Failure::Before(away));
        let response = desk.ask("");
        let is_refused = response.refusal() == (503, "unavailable");
        assert!(response.status == 200 || is_refused, "{}", response.text());
        statuses.push(response.status);
    }
    // Who, what is remembered, the link, the budget; then the people and the notes, which count less.
    let expected = [503, 503, 503, 503, 200, 200, 200, 200, 200, 503];
    assert_eq!(statuses, expected);
}

#[test]
fn whoever_was_erased_meanwhile_is_not_remembered() {
    let desk = Desk::linked(json!([conversation("c1", 1)]));
    let erased = "UPDATE customers SET erased_at = 1";
    let db = desk.stack.db.clone();
    desk.stack.ports.respond(move |_| {
        db.sql(erased);
        Some(answer(200, &json!({ "data": [conversation("c1", 1)] })))
    });
    assert_eq!(desk.ask("").status, 200);
    let cached = "SELECT count(*) FROM crm_cache WHERE key LIKE 'history:%'";
    assert_eq!(desk.stack.db.value(cached), Value::Integer(0));
}

#[test]
fn a_log_line_says_nothing_of_anybody() {
    let desk = Desk::linked(json!([conversation("c1", 1)]));
    let response = desk.ask("");
    let line = response.log.to_string();
    for secret in ["Joe", "joe@", "353", "About", "eyJ", "sarah"] {
        assert!(!line.contains(secret), "{line}");
    }
    assert_ne!(response.log, Json::Null);
}
