use common::db::Value as Column;
use dashboard_handoff::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

const PATH: &str = "/api/dashboard/handoff";

struct Dashboard {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Dashboard {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let token = stack.session(&tenant);
        Self {
            stack,
            tenant,
            token,
        }
    }

    fn call(&self, method: &str, query: &str, body: &Value) -> Answer {
        let call = self
            .stack
            .call("dashboard-handoff", method, &format!("{PATH}{query}"))
            .bearer(&self.token);
        call.json_unless_null(body).send(handle)
    }

    fn get(&self) -> Value {
        self.call("GET", "", &Value::Null).json["handoff"].clone()
    }

    fn put(&self, body: &Value) -> Answer {
        self.call("PUT", "", body)
    }

    fn refuses_callers(&self, method: &str) {
        let route = ("dashboard-handoff", method, PATH);
        self.stack.asks_for_a_session(&self.tenant, route, handle);
    }
}

#[test]
fn handoff_get_answers_with_the_defaults_where_nothing_was_set() {
    let dashboard = Dashboard::new();
    let defaults = json!({ "enabled": false, "triggers": {}, "message": null, "updated_at": null });
    assert_eq!(dashboard.get(), defaults);
}

#[test]
fn handoff_get_refuses_callers_without_a_session() {
    Dashboard::new().refuses_callers("GET");
}

#[test]
fn handoff_get_refuses_invalid_input() {
    let refused = Dashboard::new().call("GET", "?deep=1", &Value::Null);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

#[test]
fn handoff_put_answers_with_what_changed_and_absent_fields_are_kept() {
    let dashboard = Dashboard::new();
    let triggers = json!({ "en": [" a human, please "], "nl": [] });
    let set = dashboard.put(&json!({ "enabled": true, "triggers": triggers, "message": "Wait." }));
    assert_eq!(set.status, 200, "{}", set.text());
    let expected = json!({ "enabled": true, "triggers": { "en": ["a human, please"], "nl": [] },
        "message": "Wait.", "updated_at": "2026-01-02T03:04:05.000000Z" });
    assert_eq!(set.json, json!({ "handoff": expected }));
    assert_eq!(dashboard.get(), expected);
    let changed = dashboard.put(&json!({ "message": null })).json["handoff"].clone();
    assert_eq!(
        (&changed["message"], &changed["enabled"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(changed["triggers"], expected["triggers"]);
    let off = dashboard.put(&json!({ "enabled": null, "triggers": null }));
    let off = &off.json["handoff"];
    assert_eq!(
        (&off["enabled"], &off["triggers"]),
        (&json!(false), &json!({}))
    );
    let other = Dashboard {
        tenant: dashboard.stack.tenant("Other"),
        ..Dashboard::new()
    };
    assert_eq!(other.get()["updated_at"], Value::Null);
}

#[test]
fn what_was_written_before_it_is_switched_on_is_past() {
    let dashboard = Dashboard::new();
    let scanned_to = |dashboard: &Dashboard| {
        dashboard
            .stack
            .db
            .value("SELECT scanned_to FROM handoff_settings")
    };
    let now = |dashboard: &Dashboard| Column::from(dashboard.stack.now().micros());
    dashboard.put(&json!({ "message": "Wait." }));
    dashboard.stack.advance(60_000_000);
    dashboard.put(&json!({ "enabled": true }));
    let switched_on = now(&dashboard);
    assert_eq!(scanned_to(&dashboard), switched_on);
    // What it was looked up to stays while it is on.
    dashboard.stack.advance(60_000_000);
    dashboard.put(&json!({ "enabled": true, "message": "One moment." }));
    assert_eq!(scanned_to(&dashboard), switched_on);
}

#[test]
fn a_change_that_comes_between_is_not_lost() {
    let dashboard = Dashboard::new();
    dashboard.put(&json!({ "message": "Wait." }));
    let db = dashboard.stack.db.clone();
    dashboard.stack.db.before_next_batch(move || {
        db.sql("UPDATE handoff_settings SET revision = revision + 1, message = 'Soon.'");
    });
    let changed = dashboard.put(&json!({ "enabled": true }));
    assert_eq!(
        changed.json["handoff"]["message"],
        "Soon.",
        "{}",
        changed.text()
    );
}

#[test]
fn handoff_put_refuses_callers_without_a_session() {
    Dashboard::new().refuses_callers("PUT");
}

#[test]
fn handoff_put_refuses_invalid_input() {
    let dashboard = Dashboard::new();
    let many = vec!["x"; 101];
    for (body, path, rule) in [
        (json!({ "colour": 1 }), "colour", "unknown"),
        (json!({ "enabled": "yes" }), "enabled", "boolean"),
        (json!({ "triggers": [] }), "triggers", "object"),
        (json!({ "triggers": { "en": "x" } }), "triggers.en", "texts"),
        (
            json!({ "triggers": { "en": many } }),
            "triggers.en",
            "texts",
        ),
        (json!({ "triggers": { "!": [] } }), "triggers.!", "language"),
        (
            json!({ "triggers": { "en": ["", "x"] } }),
            "triggers.en[0]",
            "1_to_100_characters",
        ),
        (json!({ "message": "" }), "message", "1_to_1000_characters"),
        (json!([]), "body", "object"),
    ] {
        let refused = dashboard.put(&body);
        let refusal = (refused.status, refused.detail());
        assert_eq!(refusal, (422, (path, rule)), "{body}");
    }
    let count = dashboard
        .stack
        .db
        .value("SELECT count(*) FROM handoff_settings");
    assert_eq!(count, 0.into());
}
