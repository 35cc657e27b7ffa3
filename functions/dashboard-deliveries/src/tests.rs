use super::dashboard_webhooks::{
    HOUR, NOBODY, Settings, refuses_callers, refuses_ids, refuses_shapes,
};
use serde_json::{Value, json};
use testkit::answer;

fn failed_and_delivered() -> (Settings, String) {
    let settings = Settings::new();
    settings.stack.customer(&settings.tenant, "{}");
    let path = settings.endpoint();
    for status in [404, 200, 404] {
        settings.happen(status);
        settings.stack.advance(HOUR);
    }
    settings.stack.ports.take_requests();
    (settings, path)
}

#[test]
fn webhook_recover_answers_with_how_many_are_made_again_since_a_time() {
    let (settings, path) = failed_and_delivered();
    let recover = |since: &str| {
        let answer = settings.call(
            "POST",
            &format!("{path}/recover"),
            &json!({ "since": since }),
        );
        (answer.status, answer.json["count"].as_u64())
    };
    assert_eq!(recover("2026-01-02T06:00:00Z"), (200, Some(0)));
    assert_eq!(recover("2026-01-02T06:00:00+02:00"), (200, Some(1)));
    assert_eq!(recover("2026-01-01T00:00:00Z"), (200, Some(1)));
    settings
        .stack
        .ports
        .respond(|_| Some(answer(200, &Value::Null)));
    settings.stack.deliver_now();
    assert_eq!(settings.stack.ports.take_requests().len(), 2);
    let left = "SELECT count(*) FROM deliveries WHERE status <> 'delivered'";
    assert_eq!(settings.stack.db.value(left).as_integer(), Some(0));
}

#[test]
fn what_an_endpoint_missed_while_it_was_disabled_can_be_recovered() {
    let settings = Settings::new();
    settings.stack.customer(&settings.tenant, "{}");
    let path = settings.endpoint();
    settings.call("PATCH", &path, &json!({ "status": "disabled" }));
    settings.happen(200);
    settings.call("PATCH", &path, &json!({ "status": "active" }));
    assert!(settings.stack.ports.take_requests().is_empty());
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    let recovered = settings.call("POST", &format!("{path}/recover"), &since);
    assert_eq!(recovered.json["count"], 1);
    settings.deliver(200);
    assert_eq!(settings.stack.ports.take_requests().len(), 1);
}

#[test]
fn webhook_recover_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("webhooks/{NOBODY}/recover"));
}

#[test]
fn webhook_recover_refuses_invalid_input() {
    refuses_ids(
        "POST",
        "/recover",
        &json!({ "since": "2026-01-01T00:00:00Z" }),
    );
    let settings = Settings::new();
    let path = settings.endpoint();
    refuses_shapes(&settings, "POST", &format!("{path}/recover"));
    let recover = |body: Value| settings.call("POST", &format!("{path}/recover"), &body);
    assert_eq!(
        recover(json!({ "since": "2026-01-01" })).detail(),
        ("since", "date_time")
    );
    assert_eq!(recover(json!({})).detail(), ("since", "required"));
    settings.call("PATCH", &path, &json!({ "status": "disabled" }));
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    assert_eq!(recover(since).refusal(), (409, "conflict"));
}

#[test]
fn delivery_list_answers_with_attempts_newest_event_first_in_pages() {
    let (settings, path) = failed_and_delivered();
    let list = settings.get(&format!("{path}/deliveries"));
    assert_eq!((list.status, &list.json["has_more"]), (200, &json!(false)));
    let newest = &list.json["deliveries"][0];
    assert_eq!(
        (&newest["status"], &newest["failure_reason"]),
        (&json!("failed"), &json!("refused"))
    );
    assert_eq!(
        (&newest["event"], &newest["sequence"]),
        (&json!("customer.updated"), &json!(3))
    );
    assert_eq!(
        newest["attempts"],
        json!([{ "number": 1, "at": "2026-01-02T05:04:05.000000Z", "status_code": 404,
            "duration_ms": 0, "response_excerpt": r#"{"told":404}"#, "error": null }])
    );
    let statuses = |query: &str| -> Vec<Value> {
        let list = settings.get(&format!("{path}/deliveries{query}"));
        let deliveries = list.json["deliveries"].as_array().unwrap().iter();
        deliveries
            .map(|delivery| delivery["sequence"].clone())
            .collect()
    };
    assert_eq!(statuses("?status=failed"), [3, 1]);
    assert_eq!(statuses("?status=delivered"), [2]);
    assert!(statuses("?status=pending").is_empty());
    for status in ["", "&status=failed"] {
        let first = settings.get(&format!("{path}/deliveries?limit=1{status}"));
        assert_eq!(first.json["has_more"], true);
        let cursor = first.json["next_cursor"].as_str().unwrap();
        let expected = if status.is_empty() {
            vec![2, 1]
        } else {
            vec![1]
        };
        assert_eq!(statuses(&format!("?cursor={cursor}{status}")), expected);
    }
}

#[test]
fn delivery_list_refuses_callers_without_a_session() {
    refuses_callers("GET", &format!("webhooks/{NOBODY}/deliveries"));
}

#[test]
fn delivery_list_refuses_invalid_input() {
    refuses_ids("GET", "/deliveries", &Value::Null);
    let settings = Settings::new();
    let path = settings.endpoint();
    for (query, at) in [
        ("status=lost", "query.status"),
        ("limit=0", "query.limit"),
        ("limit=51", "query.limit"),
        ("cursor=!", "query.cursor"),
        ("cursor=YWJj", "query.cursor"),
        ("since=1", "query.since"),
    ] {
        let answer = settings.get(&format!("{path}/deliveries?{query}"));
        assert_eq!((answer.status, answer.detail().0), (422, at), "{query}");
    }
}

/// The path of the newest delivery.
fn delivery(settings: &Settings) -> String {
    let id = settings
        .stack
        .db
        .value("SELECT id FROM deliveries ORDER BY sequence DESC");
    format!("deliveries/{}/replay", id.as_text().unwrap())
}

#[test]
fn delivery_replay_answers_and_sends_the_same_bytes_under_the_same_id() {
    let settings = Settings::new();
    settings.stack.customer(&settings.tenant, "{}");
    settings.endpoint();
    settings.happen(200);
    settings.stack.advance(HOUR);
    settings
        .stack
        .db
        .sql("UPDATE customers SET name = 'Changed'");
    let replayed = settings.post(&delivery(&settings));
    assert_eq!(
        (replayed.status, &replayed.json["delivery"]["status"]),
        (200, &json!("pending"))
    );
    settings.deliver(500);
    let requests = settings.stack.ports.take_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    let id = |n: usize| {
        requests[n]
            .headers
            .iter()
            .find(|(name, _)| *name == "webhook-id")
    };
    assert_eq!(id(0), id(1));
    // It has its retries anew, and its attempts count on.
    let row = settings
        .stack
        .db
        .sql("SELECT status, attempts, tries FROM deliveries");
    assert_eq!(row, [vec!["pending".into(), 2.into(), 1.into()]]);
}

#[test]
fn a_delivery_that_is_still_tried_is_not_made_twice() {
    let settings = Settings::new();
    settings.stack.customer(&settings.tenant, "{}");
    settings.endpoint();
    settings.happen(500);
    let due = "SELECT due_at FROM deliveries";
    let before = settings.stack.db.value(due);
    assert_eq!(settings.post(&delivery(&settings)).status, 200);
    assert_eq!(settings.stack.db.value(due), before);
}

#[test]
fn delivery_replay_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("deliveries/{NOBODY}/replay"));
}

#[test]
fn delivery_replay_refuses_invalid_input() {
    let (settings, path) = failed_and_delivered();
    let own = delivery(&settings);
    for id in ["nothing", NOBODY] {
        let answer = settings.post(&format!("deliveries/{id}/replay"));
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    assert_eq!(settings.other().post(&own).refusal(), (404, "not_found"));
    settings.call("PATCH", &path, &json!({ "status": "disabled" }));
    assert_eq!(settings.post(&own).refusal(), (409, "conflict"));
    settings.call("DELETE", &path, &Value::Null);
    assert_eq!(settings.post(&own).refusal(), (404, "not_found"));
    let failed = "SELECT count(*) FROM deliveries WHERE status = 'pending'";
    assert_eq!(settings.stack.db.value(failed).as_integer(), Some(0));
}
