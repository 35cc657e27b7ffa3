use super::{Desk, refuses_callers, refuses_shapes};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<&str> {
    let jobs = page["jobs"].as_array().unwrap().iter();
    jobs.map(|job| job["id"].as_str().unwrap()).collect()
}

#[test]
fn crm_job_list_answers_with_a_page_newest_first() {
    let desk = Desk::new();
    for (id, state) in [
        ("a", "done"),
        ("b", "failed"),
        ("c", "waiting"),
        ("d", "failed"),
    ] {
        desk.job(id, state, (state == "failed").then_some("bad_request"));
    }
    desk.other().job("e", "failed", None);
    let all = desk.call("GET", "/jobs", &Value::Null).json;
    assert_eq!(ids(&all), ["d", "c", "b", "a"]);
    assert_eq!(
        (&all["has_more"], &all["next_cursor"]),
        (&json!(false), &Value::Null)
    );
    let failed = desk
        .call("GET", "/jobs?state=failed&limit=1", &Value::Null)
        .json;
    assert_eq!(
        (ids(&failed), &failed["has_more"]),
        (vec!["d"], &json!(true))
    );
    let expected = json!({
        "id": "d", "kind": "remote", "subject": "d", "stream": "stream-d", "state": "failed",
        "priority": "live", "ordered_at": "2026-01-02T03:04:05.000000Z", "tries": 0, "failures": 3,
        "error": { "code": "bad_request", "message": "Why.", "at": null },
        "created_at": "2026-01-02T03:04:05.000000Z", "updated_at": "2026-01-02T03:04:05.000000Z"
    });
    assert_eq!(failed["jobs"][0], expected);
    let cursor = failed["next_cursor"].as_str().unwrap();
    let next = format!("/jobs?state=failed&limit=1&cursor={cursor}");
    let next = desk.call("GET", &next, &Value::Null).json;
    assert_eq!((ids(&next), &next["has_more"]), (vec!["b"], &json!(false)));
}

#[test]
fn crm_job_list_refuses_callers_without_a_session() {
    refuses_callers("GET", "/jobs", &Value::Null);
}

#[test]
fn crm_job_list_refuses_invalid_input() {
    let desk = Desk::new();
    for (query, path, rule) in [
        ("state=lost", "query.state", "waiting_done_skipped_failed"),
        ("limit=101", "query.limit", "1_to_100"),
        ("limit=0", "query.limit", "1_to_100"),
        ("cursor=!", "query.cursor", "next_cursor"),
        ("kind=message", "query.kind", "unknown"),
    ] {
        let refused = desk.call("GET", &format!("/jobs?{query}"), &Value::Null);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{query}"
        );
    }
}

#[test]
fn crm_job_get_answers_with_detail_and_tries() {
    let desk = Desk::new();
    desk.job("j", "failed", Some("bad_request"));
    let business = &desk.tenant.business_id;
    for number in [2, 1] {
        desk.stack.db.sql(&format!(
            "INSERT INTO crm_attempts VALUES ('{business}', 'kustomer', 'remote:j', {number}, 7, 12,
               'failed', '[\"POST /v1/customers 400\"]', '{{\"code\":\"bad_request\",\"message\":\"No.\"}}')"
        ));
    }
    let job = desk.call("GET", "/jobs/j", &Value::Null).json["job"].clone();
    assert_eq!(
        (&job["id"], &job["detail"]),
        (&json!("j"), &json!({ "id": "e1" }))
    );
    let expected = json!({
        "number": 1, "at": "1970-01-01T00:00:00.000007Z", "duration_ms": 12, "outcome": "failed",
        "requests": ["POST /v1/customers 400"],
        "error": { "code": "bad_request", "message": "No.", "at": null }
    });
    assert_eq!(job["attempts"][0], expected);
    assert_eq!(job["attempts"][1]["number"], 2);
}

#[test]
fn crm_job_get_refuses_callers_of_another_business() {
    refuses_callers("GET", "/jobs/j", &Value::Null);
}

#[test]
fn crm_job_get_refuses_invalid_input() {
    let desk = Desk::new();
    let nothing = desk.call("GET", "/jobs/none", &Value::Null);
    assert_eq!(nothing.refusal(), (404, "not_found"));
    let refused = desk.call("GET", "/jobs/none?x=1", &Value::Null);
    assert_eq!(refused.detail(), ("query.x", "unknown"));
}

#[test]
fn crm_job_edit_answers_with_the_new_detail() {
    let desk = Desk::new();
    desk.job("j", "failed", Some("bad_request"));
    desk.job("w", "waiting", None);
    for id in ["j", "w"] {
        let detail = json!({ "detail": { "id": "e1", "name": "é😀", "n": 1.50 } });
        let edited = desk.call("PATCH", &format!("/jobs/{id}"), &detail);
        assert_eq!(edited.status, 200, "{}", edited.text());
        assert_eq!(edited.json["job"]["detail"], detail["detail"]);
    }
    let cleared = desk.call("PATCH", "/jobs/j", &json!({ "detail": null }));
    assert_eq!(cleared.json["job"]["detail"], Value::Null);
    assert_eq!(
        (desk.state("j"), desk.state("w")),
        ("failed 1 3".into(), "waiting 1 3".into())
    );
}

#[test]
fn a_job_that_somebody_is_at_or_that_is_done_is_not_edited() {
    let desk = Desk::new();
    desk.job("w", "waiting", None);
    desk.job("d", "done", None);
    let later = desk.stack.now().micros() + 1_000_000;
    desk.stack.db.sql(&format!(
        "UPDATE crm_streams SET lease = 'l', due_at = {later}"
    ));
    for id in ["w", "d"] {
        let refused = desk.call("PATCH", &format!("/jobs/{id}"), &json!({ "detail": {} }));
        assert_eq!(
            (refused.status, refused.detail()),
            (409, ("state", "failed_or_waiting"))
        );
    }
    desk.stack.advance(2_000_000);
    let freed = desk.call("PATCH", "/jobs/w", &json!({ "detail": {} }));
    assert_eq!(freed.status, 200);
}

#[test]
fn crm_job_edit_refuses_callers_of_another_business() {
    refuses_callers("PATCH", "/jobs/j", &json!({ "detail": {} }));
}

#[test]
fn crm_job_edit_refuses_invalid_input() {
    let bodies = [
        (json!({}), ("detail", "required")),
        (json!({ "detail": [] }), ("detail", "object_or_null")),
        (json!({ "detail": "{}" }), ("detail", "object_or_null")),
        (
            json!({ "detail": {}, "state": "done" }),
            ("state", "unknown"),
        ),
    ];
    refuses_shapes("PATCH", "/jobs/j", &bodies);
    let desk = Desk::new();
    desk.job("j", "failed", None);
    let long = json!({ "detail": { "text": "x".repeat(256 * 1024) } });
    let refused = desk.call("PATCH", "/jobs/j", &long);
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("detail", "at_most_256_kib"))
    );
    let larger = json!({ "detail": { "text": "x".repeat(300 * 1024) } });
    assert_eq!(
        desk.call("PATCH", "/jobs/j", &larger).refusal(),
        (413, "body_too_large")
    );
    let nothing = desk.call("PATCH", "/jobs/none", &json!({ "detail": {} }));
    assert_eq!(nothing.refusal(), (404, "not_found"));
}

#[test]
fn crm_job_dismiss_answers_with_nothing_and_takes_its_tries_along() {
    let desk = Desk::new();
    desk.job("j", "failed", Some("bad_request"));
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_attempts VALUES ('{business}', 'kustomer', 'remote:j', 1, 7, 1, 'failed', '[]', NULL)"
    ));
    assert_eq!(desk.call("DELETE", "/jobs/j", &Value::Null).status, 204);
    assert_eq!(desk.state("j"), "");
    let tries = desk.stack.db.value("SELECT count(*) FROM crm_attempts");
    assert_eq!(tries, 0.into());
    let gone = desk.call("DELETE", "/jobs/j", &Value::Null);
    assert_eq!(gone.refusal(), (404, "not_found"));
}

#[test]
fn crm_job_dismiss_refuses_callers_of_another_business() {
    refuses_callers("DELETE", "/jobs/j", &Value::Null);
}

#[test]
fn crm_job_dismiss_refuses_invalid_input() {
    let desk = Desk::new();
    for state in ["waiting", "done", "skipped"] {
        desk.job(state, state, None);
        let refused = desk.call("DELETE", &format!("/jobs/{state}"), &Value::Null);
        assert_eq!(
            (refused.status, refused.detail()),
            (409, ("state", "failed"))
        );
    }
}
