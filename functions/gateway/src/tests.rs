use common::db::DbError;
use gateway::handler::handle;
use testkit::{Answer, Failure, PLATFORM_TOKEN, Stack};

fn get(stack: &Stack, path: &str) -> Answer {
    stack.call("gateway", "GET", path).send(handle)
}

fn health(stack: &Stack, query: &str) -> Answer {
    let call = stack.call("gateway", "GET", &format!("/healthz{query}"));
    call.bearer(PLATFORM_TOKEN).send(handle)
}

#[test]
fn live_answers_anyone_and_asks_nothing() {
    let stack = Stack::new();
    stack.ports.services_are_down.set(true);
    stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    let answer = get(&stack, "/livez");
    assert_eq!((answer.status, &answer.json["status"]), (200, &"ok".into()));
}

#[test]
fn live_refuses_invalid_input() {
    assert_eq!(get(&Stack::new(), "/livez?deep=1").status, 422);
}

#[test]
fn health_answers_for_the_database_and_in_parts_for_every_function() {
    let stack = Stack::new();
    let answer = health(&stack, "");
    assert_eq!((answer.status, &answer.json["status"]), (200, &"ok".into()));
    let parts = answer.json["parts"].as_u64().unwrap();
    let mut asked = Vec::new();
    for part in 1..=parts {
        let answer = health(&stack, &format!("?part={part}"));
        let functions = answer.json["functions"].as_object().unwrap();
        // Beside the gateway itself: the platform lets a request call 32 Workers.
        assert!(functions.len() < 32);
        asked.extend(functions.keys().cloned());
    }
    let all: Vec<_> = common::http::ledger::functions().collect();
    assert_eq!(asked, all);
    stack.ports.services_are_down.set(true);
    let answer = health(&stack, "");
    assert_eq!(answer.json["database"], "ok");
    assert_eq!(
        (answer.status, &answer.json["status"]),
        (503, &"degraded".into())
    );
    assert_eq!(answer.json["functions"]["customers-sync"], "down");
    stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    assert_eq!(health(&stack, "").json["database"], "down");
}

#[test]
fn health_refuses_callers_without_the_platform_token() {
    let stack = Stack::new();
    assert_eq!(get(&stack, "/healthz").refusal(), (401, "missing_token"));
    let call = stack.call("gateway", "GET", "/healthz").bearer("x");
    assert_eq!(call.send(handle).refusal(), (401, "invalid_token"));
}

#[test]
fn health_refuses_invalid_input() {
    let stack = Stack::new();
    for query in ["?deep=1", "?part=0", "?part=9", "?part=x"] {
        assert_eq!(health(&stack, query).refusal(), (422, "invalid_request"));
    }
}

#[test]
fn openapi_answers_with_the_description() {
    let answer = get(&Stack::new(), "/openapi.json");
    assert_eq!(answer.json["openapi"], "3.1.0");
}

#[test]
fn openapi_refuses_invalid_input() {
    assert_eq!(get(&Stack::new(), "/openapi.json?v=2").status, 422);
}

#[test]
fn docs_answers_with_a_page_that_may_load_nothing() {
    may_load_nothing(&get(&Stack::new(), "/docs"));
}

#[test]
fn docs_settings_answers_with_a_page_that_may_load_nothing() {
    may_load_nothing(&get(&Stack::new(), "/docs/settings"));
}

fn may_load_nothing(page: &Answer) {
    assert!(page.text().to_lowercase().starts_with("<!doctype html>"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
}

#[test]
fn docs_settings_refuses_invalid_input() {
    assert_eq!(get(&Stack::new(), "/docs/settings?page=2").status, 422);
}

#[test]
fn docs_refuses_invalid_input() {
    assert_eq!(get(&Stack::new(), "/docs?page=2").status, 422);
}
