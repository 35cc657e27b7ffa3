//! Krayin signs nothing: a secret at the end of the URL is all that it proves itself by.

use crate::krayin::{KRAYIN_ORG, KRAYIN_SECRET, connect};
use common::ports::Queue;
use serde_json::json;
use testkit::{Stack, Tenant};
use webhook_crm::handler::handle;

fn connected() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    connect(&stack, &tenant, &json!({}));
    (stack, tenant)
}

fn called(stack: &Stack, path: &str) -> testkit::Answer {
    let target = format!("/api/webhooks/krayin{path}");
    let call = stack.call("webhook-crm", "POST", &target);
    call.header("content-type", "application/x-www-form-urlencoded")
        .body("name=Ada&emails=x")
        .send(handle)
}

fn jobs(stack: &Stack) -> i64 {
    stack
        .db
        .value("SELECT count(*) FROM crm_jobs")
        .as_integer()
        .unwrap()
}

#[test]
fn a_call_with_the_secret_is_a_reason_to_look() {
    let (stack, tenant) = connected();
    let path = format!("/{KRAYIN_ORG}/{KRAYIN_SECRET}");
    for _ in 0..3 {
        assert_eq!(called(&stack, &path).status, 200);
    }
    assert_eq!(jobs(&stack), 1, "one look for all of them");
    let woken = stack.ports.take_wakes(Queue::Crm);
    assert!(
        woken.contains(&(tenant.business_id.clone(), 0)),
        "{woken:?}"
    );
}

#[test]
fn a_call_without_the_secret_is_refused_and_none_is_logged() {
    let (stack, _) = connected();
    let path = format!("/{KRAYIN_ORG}/{KRAYIN_SECRET}");
    for other in [
        format!("/{KRAYIN_ORG}"),
        format!("/{KRAYIN_ORG}/"),
        format!("/{KRAYIN_ORG}/0"),
        format!("/other/{KRAYIN_SECRET}"),
        format!("{path}/more"),
        String::new(),
    ] {
        let answer = called(&stack, &other);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{other}");
    }
    assert_eq!(jobs(&stack), 0);
    let answer = called(&stack, &path);
    assert!(
        !answer.log.to_string().contains(KRAYIN_SECRET),
        "{}",
        answer.log
    );
}
