use super::{HOOK, NOBODY, Settings, refuses_callers, refuses_ids};
use common::ports::Queue;
use serde_json::{Value, json};

#[test]
fn webhook_update_answers_with_what_it_changed_and_keeps_the_rest() {
    let settings = Settings::new();
    let path = settings.endpoint();
    let patch = |body: Value| settings.call("PATCH", &path, &body);
    assert_eq!(
        patch(json!({ "name": "New" })).json["webhook"]["name"],
        "New"
    );
    let url = "https://new.example/";
    let changed = patch(json!({ "url": url, "events": ["*"] }));
    let webhook = &changed.json["webhook"];
    assert_eq!(
        (&webhook["name"], &webhook["url"]),
        (&json!("New"), &json!(url))
    );
    assert_eq!(webhook["events"], json!(["*"]));
    let off = patch(json!({ "status": "disabled" }));
    let webhook = &off.json["webhook"];
    assert_eq!(
        (&webhook["status"], &webhook["disabled_reason"]),
        (&json!("disabled"), &json!("by_request"))
    );
    let on = patch(json!({ "status": "active" }));
    let webhook = &on.json["webhook"];
    assert_eq!(
        (&webhook["status"], &webhook["disabled_reason"]),
        (&json!("active"), &Value::Null)
    );
    assert_eq!(patch(json!({})).json["webhook"]["url"], url);
}

#[test]
fn an_endpoint_keeps_the_retries_that_it_was_made_or_changed_with() {
    let settings = Settings::new();
    let endpoint = json!({ "name": "CRM", "url": HOOK, "events": ["*"] });
    let made = settings.call("POST", "webhooks", &endpoint);
    assert_eq!(made.json["webhook"]["retries"], "long");
    let mut quick = endpoint;
    quick["retries"] = json!("short");
    let made = settings.call("POST", "webhooks", &quick).json;
    assert_eq!(made["webhook"]["retries"], "short");
    let path = format!("webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    let patch = |body: Value| settings.call("PATCH", &path, &body);
    let kept = patch(json!({ "name": "Renamed" }));
    assert_eq!(kept.json["webhook"]["retries"], "short");
    let changed = patch(json!({ "retries": "long" }));
    assert_eq!(changed.json["webhook"]["retries"], "long");
    for retries in [json!("never"), json!(3), Value::Null] {
        quick["retries"] = retries.clone();
        let answers = [
            settings.call("POST", "webhooks", &quick),
            patch(json!({ "retries": retries })),
        ];
        for answer in answers {
            assert_eq!(answer.refusal(), (422, "invalid_request"), "{retries}");
        }
    }
}

#[test]
fn webhook_update_refuses_callers_without_a_session() {
    refuses_callers("PATCH", &format!("webhooks/{NOBODY}"));
}

#[test]
fn webhook_update_refuses_invalid_input() {
    refuses_ids("PATCH", "", &json!({ "name": "x" }));
    let settings = Settings::new();
    let path = settings.endpoint();
    let cases = [
        (json!({ "name": "" }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "events": [] }), "events"),
        (json!({ "events": ["x"] }), "events[0]"),
        (json!({ "status": "paused" }), "status"),
        (json!({ "secret": "whsec_x" }), "secret"),
        (json!({ "url": "https://10.0.0.1/" }), "url"),
    ];
    for (body, at) in cases {
        let answer = settings.call("PATCH", &path, &body);
        assert_eq!((answer.status, answer.detail().0), (422, at), "{body}");
    }
}

#[test]
fn webhook_delete_answers_and_the_endpoint_is_gone_with_its_secret() {
    let settings = Settings::new();
    let path = settings.endpoint();
    assert_eq!(settings.call("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(settings.get("webhooks").json["webhooks"], json!([]));
    for (method, suffix) in [("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")] {
        let answer = settings.call(method, &format!("{path}{suffix}"), &json!({}));
        assert_eq!(answer.refusal(), (404, "not_found"), "{suffix}");
    }
    assert_eq!(
        settings
            .stack
            .db
            .value("SELECT secret FROM webhook_endpoints"),
        "".into()
    );
    settings.happen(200);
    assert!(settings.stack.ports.take_requests().is_empty());
}

#[test]
fn webhook_delete_refuses_callers_without_a_session() {
    refuses_callers("DELETE", &format!("webhooks/{NOBODY}"));
}

#[test]
fn webhook_delete_refuses_invalid_input() {
    refuses_ids("DELETE", "", &Value::Null);
}

#[test]
fn webhook_test_answers_and_the_endpoint_alone_gets_the_event() {
    let settings = Settings::new();
    let path = settings.endpoint();
    settings.endpoint();
    let answer = settings.post(&format!("{path}/test"));
    assert_eq!(
        (answer.status, &answer.json["event"]),
        (200, &json!("webhook.test"))
    );
    let woken = settings.stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken, [(settings.tenant.business_id.clone(), 0)]);
    settings.deliver(200);
    let requests = settings.stack.ports.take_requests();
    assert_eq!(requests.len(), 1);
    let body: Value = serde_json::from_slice(requests[0].body.as_ref().unwrap()).unwrap();
    assert_eq!(
        (&body["event"], &body["id"]),
        (&json!("webhook.test"), &answer.json["event_id"])
    );
    assert_eq!(body["data"]["webhook"]["name"], "CRM");
    let deliveries = settings.get(&format!("{path}/deliveries"));
    assert_eq!(
        deliveries.json["deliveries"][0]["event_id"],
        answer.json["event_id"]
    );
}

#[test]
fn webhook_test_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("webhooks/{NOBODY}/test"));
}

#[test]
fn webhook_test_refuses_invalid_input() {
    refuses_ids("POST", "/test", &json!({}));
    let settings = Settings::new();
    let path = settings.endpoint();
    settings.call("PATCH", &path, &json!({ "status": "disabled" }));
    assert_eq!(
        settings.post(&format!("{path}/test")).refusal(),
        (409, "conflict")
    );
}
