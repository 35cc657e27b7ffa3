use super::{Desk, refuses_callers};
use serde_json::{Value, json};

fn rule(settings: &Value, cause: &str) -> Value {
    let rules = settings["rules"].as_array().unwrap();
    rules
        .iter()
        .find(|rule| rule["cause"] == cause)
        .unwrap()
        .clone()
}

#[test]
fn alert_settings_get_answers_with_defaults_that_are_on_without_being_set() {
    let desk = Desk::new();
    let answer = desk.get("/settings");
    assert_eq!(answer.status, 200);
    let rules = answer.json["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 9);
    assert!(rules.iter().all(|rule| rule["enabled"] == true));
    let slow = rule(&answer.json, "queue_slow");
    assert_eq!(
        (&slow["threshold"], &slow["unit"]),
        (&json!(5), &json!("minutes"))
    );
    let down = rule(&answer.json, "integration_down");
    assert_eq!(
        (&down["threshold"], &down["severity"]),
        (&Value::Null, &json!("critical"))
    );
    assert_eq!(rule(&answer.json, "crm_budget")["threshold"], 80);
    assert_eq!(rule(&answer.json, "database_full")["threshold"], 70);
    assert_eq!(
        (&answer.json["quiet_hours"], &answer.json["updated_at"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn alert_settings_get_refuses_callers_without_a_session() {
    refuses_callers("GET", "/settings");
}

#[test]
fn alert_settings_get_refuses_invalid_input() {
    assert_eq!(
        Desk::new().get("/settings?all=1").detail(),
        ("query.all", "unknown")
    );
}

#[test]
fn alert_settings_put_answers_with_what_is_set_and_leaves_the_rest() {
    let desk = Desk::new();
    let quiet = json!({ "time_zone": "Europe/Berlin", "from": "22:00", "to": "07:00" });
    let first = desk.set(&json!({ "quiet_hours": quiet,
        "rules": { "queue_slow": { "threshold": 10 }, "crm_budget": { "enabled": false } } }));
    let shown = &first.json["quiet_hours"];
    assert_eq!(
        (&shown["from"], &shown["critical_passes"]),
        (&json!("22:00"), &json!(true))
    );
    assert!(first.json["updated_at"].is_string());
    let other = desk.other().get("/settings").json;
    assert_eq!(rule(&other, "queue_slow")["threshold"], 5);
    let second = desk
        .set(&json!({ "rules": { "queue_slow": { "enabled": false } } }))
        .json;
    let slow = rule(&second, "queue_slow");
    assert_eq!(
        (&slow["threshold"], &slow["enabled"]),
        (&json!(10), &json!(false))
    );
    assert_eq!(rule(&second, "crm_budget")["enabled"], false);
    assert_eq!(second["quiet_hours"], first.json["quiet_hours"]);
    let third = desk
        .set(&json!({ "quiet_hours": null,
        "rules": { "queue_slow": { "threshold": null }, "crm_budget": null } }))
        .json;
    let slow = rule(&third, "queue_slow");
    assert_eq!(
        (&slow["threshold"], &slow["enabled"]),
        (&json!(5), &json!(false))
    );
    assert_eq!(rule(&third, "crm_budget")["enabled"], true);
    assert_eq!(third["quiet_hours"], Value::Null);
    assert_eq!(desk.get("/settings").json, third);
}

#[test]
fn alert_settings_put_refuses_callers_without_a_session() {
    refuses_callers("PUT", "/settings");
}

#[test]
fn alert_settings_put_refuses_invalid_input() {
    let desk = Desk::new();
    let quiet = |zone: &str, from: &str, to: &str| json!({ "quiet_hours": { "time_zone": zone, "from": from, "to": to } });
    for (body, path) in [
        (json!({ "rule": {} }), "rule"),
        (json!({ "rules": [] }), "rules"),
        (json!({ "rules": null }), "rules"),
        (json!({ "rules": { "rain": {} } }), "rules.rain"),
        (json!({ "rules": { "queue_slow": 5 } }), "rules.queue_slow"),
        (
            json!({ "rules": { "queue_slow": { "after": 5 } } }),
            "rules.queue_slow.after",
        ),
        (
            json!({ "rules": { "queue_slow": { "enabled": 1 } } }),
            "rules.queue_slow.enabled",
        ),
        (
            json!({ "rules": { "queue_slow": { "threshold": 0 } } }),
            "rules.queue_slow.threshold",
        ),
        (
            json!({ "rules": { "queue_slow": { "threshold": 1.5 } } }),
            "rules.queue_slow.threshold",
        ),
        (
            json!({ "rules": { "crm_budget": { "threshold": 101 } } }),
            "rules.crm_budget.threshold",
        ),
        (
            json!({ "rules": { "integration_down": { "threshold": 1 } } }),
            "rules.integration_down.threshold",
        ),
        (json!({ "quiet_hours": "22-7" }), "quiet_hours"),
        (json!({ "quiet_hours": {} }), "quiet_hours.time_zone"),
        (
            quiet("Mars/Base", "22:00", "07:00"),
            "quiet_hours.time_zone",
        ),
        (
            quiet(&"x".repeat(65), "22:00", "07:00"),
            "quiet_hours.time_zone",
        ),
        (quiet("UTC", "24:00", "07:00"), "quiet_hours.from"),
        (quiet("UTC", "+1:00", "07:00"), "quiet_hours.from"),
        (quiet("UTC", "22:00", "7:00"), "quiet_hours.to"),
        (quiet("UTC", "22:00", "22:00"), "quiet_hours.to"),
    ] {
        let answer = desk.call("PUT", "/settings", &body);
        assert_eq!((answer.status, answer.detail().0), (422, path), "{body}");
    }
    assert_eq!(desk.get("/settings").json["updated_at"], Value::Null);
}
