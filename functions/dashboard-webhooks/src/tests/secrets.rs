use super::{HOOK, HOUR, NOBODY, Settings, refuses_callers, refuses_ids};
use dashboard_webhooks::handler::handle;
use serde_json::{Value, json};

#[test]
fn webhook_rotate_secret_answers_with_a_new_one_while_the_old_one_lasts() {
    let settings = Settings::new();
    let made = settings.create();
    let path = format!("webhooks/{}", made.json["webhook"]["id"].as_str().unwrap());
    let rotated = settings.post(&format!("{path}/rotate-secret"));
    assert_eq!(rotated.status, 200);
    assert_ne!(rotated.json["secret"], made.json["secret"]);
    let until = settings.stack.now().plus(24 * HOUR).to_string();
    assert_eq!(rotated.json["webhook"]["old_secret_until"], json!(until));
    settings.stack.advance(24 * HOUR);
    let settings = Settings::of(settings.stack, settings.tenant);
    let listed = settings.get("webhooks");
    assert_eq!(listed.json["webhooks"][0]["old_secret_until"], Value::Null);
    // Without a body, and at once.
    let call = |body: Vec<u8>| {
        let target = format!("/api/dashboard/{path}/rotate-secret");
        let call = settings.stack.call("dashboard-webhooks", "POST", &target);
        call.bearer(&settings.token)
            .chunks(vec![Ok(body)])
            .send(handle)
    };
    assert_eq!(
        call(br#"{"overlap_hours":0}"#.to_vec()).json["webhook"]["old_secret_until"],
        Value::Null
    );
    assert_eq!(call(Vec::new()).status, 200);
}

#[test]
fn webhook_rotate_secret_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("webhooks/{NOBODY}/rotate-secret"));
}

#[test]
fn webhook_rotate_secret_refuses_invalid_input() {
    refuses_ids("POST", "/rotate-secret", &json!({}));
    let settings = Settings::new();
    let path = format!("{}/rotate-secret", settings.endpoint());
    let refused = settings.call("POST", &path, &json!({ "overlap_hours": 169 }));
    assert_eq!(refused.detail(), ("overlap_hours", "0_to_168"));
    let refused = settings.call("POST", &path, &json!({ "overlap_hours": -1 }));
    assert_eq!(refused.detail(), ("overlap_hours", "integer"));
    settings.post(&path);
    assert_eq!(settings.post(&path).refusal(), (409, "conflict"));
}

#[test]
fn webhook_finish_rotation_answers_and_the_old_secret_is_gone() {
    let settings = Settings::new();
    let path = settings.endpoint();
    settings.post(&format!("{path}/rotate-secret"));
    let finished = settings.post(&format!("{path}/finish-rotation"));
    assert_eq!(
        (
            finished.status,
            &finished.json["webhook"]["old_secret_until"]
        ),
        (200, &Value::Null)
    );
    let old = "SELECT count(old_secret) FROM webhook_endpoints";
    assert_eq!(settings.stack.db.value(old).as_integer(), Some(0));
    assert_eq!(
        settings.post(&format!("{path}/finish-rotation")).status,
        200
    );
    assert_eq!(settings.post(&format!("{path}/rotate-secret")).status, 200);
}

#[test]
fn webhook_finish_rotation_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("webhooks/{NOBODY}/finish-rotation"));
}

#[test]
fn webhook_finish_rotation_refuses_invalid_input() {
    refuses_ids("POST", "/finish-rotation", &json!({}));
}

#[test]
fn a_repeated_creation_shows_its_secret_to_its_own_caller_again() {
    let settings = Settings::new();
    let create = || {
        let call = settings
            .stack
            .call("dashboard-webhooks", "POST", "/api/dashboard/webhooks");
        let body = json!({ "name": "CRM", "url": HOOK, "events": ["*"] });
        call.bearer(&settings.token)
            .header("idempotency-key", "once")
            .json(&body)
            .send(handle)
    };
    let (made, again) = (create(), create());
    assert_eq!(
        (again.status, &again.json["secret"]),
        (201, &made.json["secret"])
    );
    let secret = &made.json["secret"].as_str().unwrap()[6..];
    let stored = format!("{:?}", settings.stack.db.sql("SELECT * FROM idempotency"));
    assert!(!stored.contains(secret), "it is stored sealed");
}
