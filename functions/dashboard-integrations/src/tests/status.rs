use super::{Desk, refuses_callers, refuses_query};
use common::ports::Queue;
use serde_json::{Value, json};

const MINUTE: i64 = 60_000_000;

impl Desk {
    fn status(&self) -> Value {
        self.call("GET", "/kustomer/status", &Value::Null).json
    }

    /// Active, with a webhook that calls us.
    fn healthy() -> Self {
        let desk = Self::connected();
        desk.set("status = 'active', webhook_id = 'hook-1'");
        desk.webhook("active");
        desk
    }

    fn webhook(&self, state: &str) {
        let (business, later) = (
            &self.tenant.business_id,
            self.stack.now().micros() + 60 * MINUTE,
        );
        self.stack.db.sql(&format!(
            "INSERT OR REPLACE INTO crm_cache VALUES
               ('{business}', 'kustomer', 'webhook', '\"{state}\"', {later})"
        ));
    }

    fn job(&self, key: &str, state: &str, priority: i64, age: i64) {
        let (business, at) = (&self.tenant.business_id, self.stack.now().micros() - age);
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, state,
               priority, ordered_at, created_at, updated_at)
             VALUES ('{business}', 'kustomer', 'message:{key}', '{key}', 's', 'message', '{key}',
               '{state}', {priority}, {at}, {at}, {at})"
        ));
    }
}

fn codes(status: &Value) -> Vec<&str> {
    let reasons = status["reasons"].as_array().unwrap().iter();
    reasons
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

#[test]
fn integration_status_answers_with_how_the_connection_fares() {
    let desk = Desk::healthy();
    let status = desk.status();
    let expected = json!({
        "status": "healthy", "reasons": [],
        "budget": { "per_minute": 100, "per_day": 10_000, "used_today": 0, "blocked_until": null },
        "queue": { "waiting": 0, "oldest_at": null, "failed": 0 },
        "last_success_at": null, "last_error": null, "broken_until": null, "webhook": "active",
        "reconciled_to": null, "backfill": null
    });
    assert_eq!(status, expected);
    desk.job("a", "waiting", 0, MINUTE);
    desk.job("b", "waiting", 1, 60 * MINUTE);
    desk.job("c", "failed", 0, 2 * 24 * 60 * MINUTE);
    let status = desk.status();
    let queue = json!({ "waiting": 2, "oldest_at": "2026-01-02T03:03:05.000000Z", "failed": 1 });
    assert_eq!(
        (&status["status"], &status["queue"]),
        (&json!("healthy"), &queue)
    );
    let other = desk.other().status();
    assert_eq!(
        (&other["status"], &other["queue"]["waiting"]),
        (&json!("disabled"), &json!(0))
    );
    desk.post("disable", &Value::Null);
    assert_eq!(desk.status()["status"], "disabled");
}

#[test]
fn a_source_of_conversations_fares_as_a_connection_does_and_has_no_settings_here() {
    let desk = Desk::healthy();
    let status = || desk.call("GET", "/chatwoot/status", &Value::Null).json;
    assert_eq!(status()["status"], "disabled");
    desk.stack.db.sql(
        "INSERT INTO integrations (business_id, connector, status, settings, created_at, updated_at)
         SELECT business_id, 'chatwoot', 'active', '{}', 0, 0 FROM integrations",
    );
    let healthy = status();
    assert_eq!(
        (&healthy["status"], &healthy["webhook"]),
        (&json!("healthy"), &json!("unknown")),
        "{healthy}"
    );
    for (method, what) in [("GET", ""), ("GET", "/schema"), ("POST", "/enable")] {
        let answer = desk.call(method, &format!("/chatwoot{what}"), &Value::Null);
        assert_eq!(answer.status, 404, "{method} {what}");
    }
}

#[test]
fn what_does_not_go_well_degrades_it() {
    let error = r#"'{"code":"unclear","message":"The CRM answered with status 502."}'"#;
    let desk = Desk::healthy();
    desk.set(&format!(
        "failures = 2, failed_at = 7, last_error = {error}"
    ));
    let status = desk.status();
    assert_eq!(
        (&status["status"], codes(&status)),
        (&json!("degraded"), vec!["unclear"])
    );
    assert_eq!(status["last_error"]["at"], "1970-01-01T00:00:00.000007Z");
    let desk = Desk::healthy();
    desk.job("a", "failed", 0, 60 * MINUTE);
    assert_eq!(codes(&desk.status()), ["failed_jobs"]);
    let desk = Desk::healthy();
    desk.job("a", "waiting", 0, 11 * MINUTE);
    assert_eq!(codes(&desk.status()), ["slow_queue"]);
    for (state, expected) in [
        ("disabled", "webhook_disabled"),
        ("missing", "webhook_missing"),
    ] {
        let desk = Desk::healthy();
        desk.webhook(state);
        let status = desk.status();
        assert_eq!(
            (&status["status"], codes(&status)),
            (&json!("degraded"), vec![expected])
        );
    }
}

#[test]
fn a_role_that_the_key_lacks_is_told_until_there_is_another_key() {
    let desk = Desk::healthy();
    let error = r#"{"code":"missing_role","message":"`create note` needs the role org.x."}"#;
    let until = desk.stack.now().micros() + 60 * MINUTE;
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_cache (business_id, connector, key, value, expires_at)
         SELECT business_id, connector, 'trouble:missing_role:org.x', '{error}', {until}
         FROM integrations"
    ));
    desk.job("a", "failed", 0, MINUTE);
    desk.job("b", "failed", 0, MINUTE);
    desk.stack.db.sql(&format!(
        "UPDATE crm_jobs SET error = '{error}' WHERE id = 'a'"
    ));
    let status = desk.status();
    assert_eq!(codes(&status), ["failed_jobs", "missing_role"]);
    let told = status["reasons"][1]["message"].as_str().unwrap();
    assert!(told.contains("create note"), "{told}");
    desk.put(&json!({ "default_priority": "high" }));
    assert_eq!(desk.status()["queue"]["failed"], 2, "it is the same key");
    let key = json!({ "credentials": { "api_key": "another-key" } });
    assert_eq!(desk.put(&key).status, 200);
    let status = desk.status();
    assert_eq!(codes(&status), ["failed_jobs"]);
    assert_eq!(
        (&status["queue"]["failed"], &status["queue"]["waiting"]),
        (&json!(1), &json!(1)),
        "what lacked a role is tried again, and nothing else"
    );
}

#[test]
fn a_breaker_that_is_open_or_a_key_that_is_refused_is_down() {
    let error = r#"'{"code":"bad_key","message":"The key is refused."}'"#;
    let desk = Desk::healthy();
    let later = desk.stack.now().micros() + MINUTE;
    desk.set(&format!(
        "failures = 1, failed_at = 1, last_error = {error}, broken_reason = {error},
         broken_until = {later}"
    ));
    let status = desk.status();
    assert_eq!(
        (&status["status"], codes(&status)),
        (&json!("down"), vec!["bad_key"])
    );
    assert_eq!(status["broken_until"], "2026-01-02T03:05:05.000000Z");
    desk.stack.advance(2 * MINUTE);
    let status = desk.status();
    assert_eq!(
        (&status["status"], &status["broken_until"]),
        (&json!("down"), &Value::Null)
    );
    let key = json!({ "credentials": { "api_key": "another-key" } });
    assert_eq!(desk.put(&key).status, 200);
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
    assert_eq!(desk.status()["status"], "degraded");
}

#[test]
fn integration_status_refuses_callers_without_a_session() {
    refuses_callers("GET", "/kustomer/status");
}

#[test]
fn integration_status_refuses_invalid_input() {
    refuses_query("GET", "/kustomer/status");
}
