use super::{Desk, refuses_callers, refuses_shapes};
use common::ports::Queue;
use serde_json::{Value, json};

impl Desk {
    fn due_at(&self, stream: &str) -> Option<i64> {
        let query = format!("SELECT due_at FROM crm_streams WHERE stream = 'stream-{stream}'");
        self.stack.db.value(&query).as_integer()
    }

    fn retry_failed(&self, body: &Value) -> Value {
        self.call("POST", "/retry-failed", body).json["count"].clone()
    }
}

#[test]
fn crm_job_retry_answers_with_a_job_that_is_due() {
    let desk = Desk::new();
    for (id, state) in [("j", "failed"), ("d", "done"), ("s", "skipped")] {
        desk.job(id, state, None);
        let retried = desk.call("POST", &format!("/jobs/{id}/retry"), &Value::Null);
        assert_eq!(retried.status, 200, "{}", retried.text());
        let job = &retried.json["job"];
        assert_eq!(
            (&job["state"], &job["error"]),
            (&json!("waiting"), &Value::Null)
        );
        assert_eq!(desk.state(id), "waiting 2 0");
        assert_eq!(desk.due_at(id), Some(desk.stack.now().micros()));
    }
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken[0], (desk.tenant.business_id.clone(), 0));
}

#[test]
fn a_job_that_waits_for_better_times_is_done_at_once_and_one_at_work_is_left_alone() {
    let desk = Desk::new();
    desk.job("w", "waiting", None);
    let later = desk.stack.now().micros() + 600_000_000;
    desk.stack
        .db
        .sql(&format!("UPDATE crm_streams SET due_at = {later}"));
    desk.call("POST", "/jobs/w/retry", &Value::Null);
    assert_eq!(desk.state("w"), "waiting 1 3");
    assert_eq!(desk.due_at("w"), Some(desk.stack.now().micros()));
    desk.stack.db.sql(&format!(
        "UPDATE crm_streams SET due_at = {later}, lease = 'l'"
    ));
    desk.call("POST", "/jobs/w/retry", &Value::Null);
    assert_eq!(desk.due_at("w"), Some(later));
}

#[test]
fn crm_job_retry_refuses_callers_of_another_business() {
    refuses_callers("POST", "/jobs/j/retry", &Value::Null);
}

#[test]
fn crm_job_retry_refuses_invalid_input() {
    let desk = Desk::new();
    let nothing = desk.call("POST", "/jobs/none/retry", &Value::Null);
    assert_eq!(nothing.refusal(), (404, "not_found"));
    assert!(desk.stack.ports.take_wakes(Queue::Crm).is_empty());
}

#[test]
fn crm_jobs_retry_failed_answers_with_how_many() {
    let desk = Desk::new();
    desk.job("a", "failed", Some("bad_request"));
    desk.job("d", "done", None);
    desk.stack.advance(60_000_000);
    desk.job("b", "failed", Some("unclear"));
    desk.job("c", "failed", Some("bad_request"));
    let other = desk.other();
    other.job("e", "failed", Some("bad_request"));
    assert_eq!(
        desk.retry_failed(&json!({ "since": "2026-01-02T03:05:00Z", "code": "bad_request" })),
        1
    );
    assert_eq!(desk.state("c"), "waiting 2 0");
    assert_eq!(desk.state("a"), "failed 1 3");
    assert_eq!(
        desk.retry_failed(&json!({ "since": null, "code": "none" })),
        0
    );
    assert_eq!(desk.stack.ports.take_wakes(Queue::Crm).len(), 1);
    assert_eq!(desk.retry_failed(&Value::Null), 2);
    assert_eq!(desk.retry_failed(&json!({})), 0);
    assert_eq!(other.state("e"), "failed 1 3");
}

#[test]
fn more_than_a_transaction_takes_are_retried_by_one_call() {
    let desk = Desk::new();
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500)
         INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, state,
           ordered_at, created_at, updated_at)
         SELECT '{business}', 'kustomer', 'k:' || n, n, n % 7, 'k', n, 'failed', 1, 1, 1 FROM n"
    ));
    assert_eq!(desk.retry_failed(&Value::Null), 1500);
    let streams = desk
        .stack
        .db
        .value("SELECT count(*) FROM crm_streams WHERE due_at IS NOT NULL");
    assert_eq!(streams, 7.into());
}

#[test]
fn crm_jobs_retry_failed_refuses_callers_without_a_session() {
    refuses_callers("POST", "/retry-failed", &Value::Null);
}

#[test]
fn crm_jobs_retry_failed_refuses_invalid_input() {
    let bodies = [
        (json!([]), ("body", "object")),
        (json!({ "since": "2026-01-02" }), ("since", "date_time")),
        (json!({ "since": 1 }), ("since", "date_time")),
        (json!({ "code": 1 }), ("code", "text_or_null")),
        (json!({ "kind": "message" }), ("kind", "unknown")),
    ];
    refuses_shapes("POST", "/retry-failed", &bodies);
}
