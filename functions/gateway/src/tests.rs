use common::db::DbError;
use gateway::handler::handle;
use testkit::{Answer, Failure, Stack};

fn get(stack: &Stack, path: &str) -> Answer {
    stack.call("gateway", "GET", path).send(handle)
}

#[test]
fn health_answers_for_the_database_and_every_function() {
    let stack = Stack::new();
    let answer = get(&stack, "/healthz");
    assert_eq!((answer.status, &answer.json["status"]), (200, &"ok".into()));
    stack.ports.services_are_down.set(true);
    let answer = get(&stack, "/healthz");
    assert_eq!(answer.json["database"], "ok");
    assert_eq!(
        (answer.status, &answer.json["status"]),
        (503, &"degraded".into())
    );
    assert_eq!(answer.json["functions"]["customers-sync"], "down");
    stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    assert_eq!(get(&stack, "/healthz").json["database"], "down");
}

#[test]
fn health_refuses_invalid_input() {
    assert_eq!(
        get(&Stack::new(), "/healthz?deep=1").refusal(),
        (422, "invalid_request")
    );
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
    let answer = get(&Stack::new(), "/docs");
    assert!(answer.text().to_lowercase().starts_with("<!doctype html>"));
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
}

#[test]
fn docs_refuses_invalid_input() {
    assert_eq!(get(&Stack::new(), "/docs?page=2").status, 422);
}
