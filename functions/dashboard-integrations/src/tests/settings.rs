use super::{DEFAULT_KEY, Desk, KEY, TOKEN, URL, refuses_callers, refuses_query};
use common::db::{DbError, Value as Column};
use serde_json::{Value, json};
use testkit::Failure;

#[test]
fn integration_list_answers_with_every_connector_there_is() {
    let desk = Desk::new();
    let listed = |desk: &Desk| desk.call("GET", "", &Value::Null).json["integrations"].clone();
    let krayin = json!({ "connector": "krayin", "status": "disabled", "updated_at": null });
    let kustomer = json!({ "connector": "kustomer", "status": "disabled", "updated_at": null });
    let none = json!([kustomer, krayin]);
    assert_eq!(listed(&desk), none);
    assert_eq!(desk.put(&json!({ "debug": true })).status, 200);
    desk.set("status = 'active'");
    let one = json!([{
        "connector": "kustomer", "status": "active", "updated_at": "2026-01-02T03:04:05.000000Z"
    }, krayin]);
    assert_eq!(listed(&desk), one);
    assert_eq!(listed(&desk.other()), none);
}

#[test]
fn integration_list_refuses_callers_without_a_session() {
    refuses_callers("GET", "");
}

#[test]
fn integration_list_refuses_invalid_input() {
    refuses_query("GET", "");
}

#[test]
fn integration_get_answers_with_what_is_in_force_and_where_it_comes_from() {
    let desk = Desk::new();
    let empty = desk.get();
    assert_eq!(empty["status"], "disabled");
    assert_eq!(empty["default_priority"], "medium");
    assert_eq!(empty["source"]["default_priority"], "default");
    assert_eq!(empty["field_mapping"]["customerName"], "attributes.name");
    let key = json!({ "set": false, "source": "default", "last_chars": null });
    assert_eq!(empty["credentials"]["api_key"], key);
    assert_eq!(empty["webhook_url"], URL);
    for (name, value) in [
        ("KUSTOMER_API_KEY", DEFAULT_KEY),
        ("KUSTOMER_SUBDOMAIN", "deployed"),
        ("KUSTOMER_ORGANIZATION_ID", "org-d"),
        ("KUSTOMER_DEFAULT_TEAM_ID", "team-d"),
        ("KUSTOMER_DEFAULT_PRIORITY", "high"),
        ("KUSTOMER_ENABLE_SYNC", "false"),
        ("KUSTOMER_DEBUG", "true"),
    ] {
        desk.stack.ports.set(name, value);
    }
    let deployed = desk.get();
    for (field, value) in [
        ("subdomain", json!("deployed")),
        ("organization_id", json!("org-d")),
        ("default_team_id", json!("team-d")),
        ("default_priority", json!("high")),
        ("debug", json!(true)),
    ] {
        assert_eq!(deployed[field], value);
        assert_eq!(deployed["source"][field], "deployment", "{field}");
    }
    assert_eq!(deployed["features"]["conversation_sync"], false);
    let key = json!({ "set": true, "source": "deployment", "last_chars": null });
    assert_eq!(deployed["credentials"]["api_key"], key);
    let own = json!({
        "subdomain": "https://Acme.kustomerapp.com/app", "credentials": { "api_key": KEY },
        "features": { "conversation_sync": true }
    });
    assert_eq!(desk.put(&own).status, 200);
    let own = desk.get();
    assert_eq!(own["subdomain"], "acme");
    assert_eq!(own["source"]["subdomain"], "business");
    assert_eq!(own["source"]["features.conversation_sync"], "business");
    assert_eq!(own["source"]["organization_id"], "deployment");
    let key = json!({ "set": true, "source": "business", "last_chars": "…wxyz" });
    assert_eq!(own["credentials"]["api_key"], key);
    assert_eq!(desk.other().get()["subdomain"], "deployed");
}

#[test]
fn integration_get_refuses_callers_without_a_session() {
    refuses_callers("GET", "/kustomer");
}

#[test]
fn integration_get_refuses_invalid_input() {
    refuses_query("GET", "/kustomer");
}

fn everything() -> Value {
    json!({
        "organization_id": "org-1", "subdomain": "acme", "default_team_id": "team-1",
        "default_priority": "urgent",
        "features": { "ticket_creation": false, "auto_assignment": true },
        "team_routing": [
            { "channel": "messenger", "team_id": "team-2" }, { "tag": " vip ", "team_id": "team-3" }
        ],
        "field_mapping": { "customerName": "attributes.name", "custom_fields.tier": "attributes.custom.tierStr" },
        "rollout": { "percent": 10, "tag": "beta" },
        "escalation": {
            "phrases_on": true, "phrases": { "en": ["a human, please"], "nl": [] },
            "message": "Somebody will be with you."
        },
        "debug": true,
        "credentials": { "api_key": KEY, "webhook_secret": TOKEN }
    })
}

#[test]
fn integration_put_answers_with_what_changed_and_absent_fields_are_kept() {
    let desk = Desk::new();
    let made = desk.put(&everything());
    assert_eq!(made.status, 200, "{}", made.text());
    let set = &made.json["integration"];
    assert_eq!(set["default_priority"], "urgent");
    assert_eq!(set["features"]["ticket_creation"], false);
    assert_eq!(set["features"]["customer_lookup"], true);
    let routes = json!([
        { "channel": "facebook", "team_id": "team-2" }, { "tag": "vip", "team_id": "team-3" }
    ]);
    assert_eq!(set["team_routing"], routes);
    let mapping = &set["field_mapping"];
    assert_eq!(mapping["custom_fields.tier"], "attributes.custom.tierStr");
    assert_eq!(set["rollout"], json!({ "percent": 10, "tag": "beta" }));
    assert_eq!(
        set["escalation"]["phrases"]["en"],
        json!(["a human, please"])
    );
    assert_eq!(set["escalation"]["message"], "Somebody will be with you.");
    assert_eq!(set["credentials"]["webhook_secret"], json!({ "set": true }));
    let patch = json!({
        "features": { "ticket_creation": null, "customer_lookup": false }, "rollout": { "tag": null },
        "default_priority": null, "team_routing": null, "credentials": { "webhook_secret": null }
    });
    let changed = desk.put(&patch).json["integration"].clone();
    let features = json!({
        "ticket_creation": true, "customer_lookup": false, "conversation_sync": true,
        "auto_assignment": true
    });
    assert_eq!(changed["features"], features);
    assert_eq!(changed["rollout"], json!({ "percent": 10, "tag": null }));
    assert_eq!(changed["default_priority"], "medium");
    assert_eq!(changed["team_routing"], json!([]));
    assert_eq!(changed["escalation"], set["escalation"]);
    assert_eq!(changed["credentials"]["api_key"]["set"], true);
    assert_eq!(changed["credentials"]["webhook_secret"]["set"], false);
    assert_eq!(desk.get(), changed);
}

#[test]
fn what_older_clients_set_of_the_escalation_are_the_hand_off_settings() {
    let desk = Desk::new();
    desk.put(&everything());
    let at = |column: &str| {
        desk.stack
            .db
            .value(&format!("SELECT {column} FROM handoff_settings"))
    };
    assert_eq!(at("enabled"), 1.into());
    assert_eq!(
        at("triggers"),
        r#"{"en":["a human, please"],"nl":[]}"#.into()
    );
    assert_eq!(at("message"), "Somebody will be with you.".into());
    let settings = "SELECT settings -> '$.escalation' FROM integrations";
    assert_eq!(desk.stack.db.value(settings), Column::Null);
    // What is set there is shown here.
    desk.stack
        .db
        .sql("UPDATE handoff_settings SET enabled = 0, message = 'Wait.'");
    let shown = desk.get()["escalation"].clone();
    assert_eq!(
        (&shown["phrases_on"], &shown["message"]),
        (&json!(false), &json!("Wait."))
    );
    desk.put(&json!({ "escalation": null }));
    let cleared = json!({ "phrases_on": false, "phrases": {}, "message": null });
    assert_eq!(desk.get()["escalation"], cleared);
    let others = desk.other().get()["escalation"].clone();
    assert_eq!(others, cleared);
}

#[test]
fn integration_schema_answers_with_what_can_be_set() {
    let desk = Desk::new();
    let schema = desk.call("GET", "/kustomer/schema", &Value::Null).json;
    let fields = schema["fields"].as_array().unwrap();
    let field = |path: &str| fields.iter().find(|field| field["path"] == path).unwrap();
    let expected = json!({
        "path": "default_priority", "input": "select",
        "options": ["low", "medium", "high", "urgent"], "default": "medium",
        "variable": "KUSTOMER_DEFAULT_PRIORITY", "secret": false, "required": false,
        "testable": false, "help": "The priority of conversations made there."
    });
    assert_eq!(field("default_priority"), &expected);
    assert_eq!(field("credentials.api_key")["secret"], true);
    let settings = &schema["schema"]["properties"];
    // Whatever is shown can be set, and the other way round.
    let shown = desk.get();
    for name in settings.as_object().unwrap().keys() {
        assert!(shown.get(name).is_some(), "{name}");
    }
    assert_eq!(schema["schema"]["additionalProperties"], false);
}

#[test]
fn a_mapping_takes_the_names_that_the_form_tells_of_and_no_others() {
    let desk = Desk::new();
    let schema = desk.call("GET", "/kustomer/schema", &Value::Null).json;
    let fields = schema["fields"].as_array().unwrap();
    let mapping = fields.iter().find(|field| field["path"] == "field_mapping");
    let told = mapping.unwrap()["customer_fields"].as_object().unwrap();
    assert_eq!(told["customerPhone"], json!(["phone", "whatsapp_number"]));
    assert!(
        fields
            .iter()
            .filter(|field| field.get("customer_fields").is_some())
            .count()
            == 1
    );
    let status = |name: &str| {
        let mapping = json!({ name: "attributes.name" });
        desk.put(&json!({ "field_mapping": mapping })).status
    };
    for name in told.keys() {
        assert_eq!(status(&name.replace('*', "tier")), 200, "{name}");
    }
    assert_eq!((status("name"), status("custom_fields.")), (422, 422));
}

#[test]
fn integration_schema_refuses_callers_without_a_session() {
    refuses_callers("GET", "/kustomer/schema");
}

#[test]
fn integration_schema_refuses_invalid_input() {
    refuses_query("GET", "/kustomer/schema");
    let desk = Desk::new();
    let refused = desk.call("GET", "/nothing/schema", &Value::Null);
    assert_eq!(refused.refusal(), (404, "not_found"));
}

#[test]
fn secrets_are_sealed_and_go_when_they_are_cleared() {
    let desk = Desk::connected();
    let stored = desk.stack.db.value("SELECT credentials FROM integrations");
    assert!(!stored.as_text().unwrap().contains("eyJ"));
    assert_eq!(
        desk.put(&json!({ "credentials": { "api_key": null } }))
            .status,
        200
    );
    assert_eq!(
        desk.stack.db.value("SELECT credentials FROM integrations"),
        Column::Null
    );
    desk.put(&everything());
    assert_eq!(desk.put(&json!({ "credentials": null })).status, 200);
    assert_eq!(
        desk.stack.db.value("SELECT credentials FROM integrations"),
        Column::Null
    );
}

#[test]
fn a_change_that_comes_between_is_not_lost() {
    let desk = Desk::connected();
    let db = desk.stack.db.clone();
    desk.stack.db.before_next_batch(move || {
        db.sql(r#"UPDATE integrations SET revision = revision + 1, settings = '{"debug":true}'"#);
    });
    let answer = desk.put(&json!({ "default_team_id": "team-9" }));
    let integration = &answer.json["integration"];
    let expected = (&json!(true), &json!("team-9"));
    assert_eq!(
        (&integration["debug"], &integration["default_team_id"]),
        expected
    );
}

#[test]
fn integration_put_refuses_callers_without_a_session() {
    refuses_callers("PUT", "/kustomer");
}

#[test]
fn integration_put_refuses_invalid_input() {
    let desk = Desk::new();
    let many = vec![json!({ "team_id": "t" }); 51];
    let cases = [
        (json!({ "colour": 1 }), "colour", "unknown"),
        (json!({ "organization_id": "a b" }), "organization_id", "id"),
        (json!({ "organization_id": 7 }), "organization_id", "id"),
        (
            json!({ "subdomain": "evil.example" }),
            "subdomain",
            "subdomain",
        ),
        (
            json!({ "subdomain": "https://evil.example/acme" }),
            "subdomain",
            "subdomain",
        ),
        (
            json!({ "default_priority": "p1" }),
            "default_priority",
            "low_medium_high_urgent",
        ),
        (json!({ "features": true }), "features", "object"),
        (
            json!({ "features": { "magic": true } }),
            "features.magic",
            "unknown",
        ),
        (
            json!({ "features": { "customer_lookup": "yes" } }),
            "features.customer_lookup",
            "boolean",
        ),
        (json!({ "team_routing": {} }), "team_routing", "array"),
        (
            json!({ "team_routing": many }),
            "team_routing",
            "at_most_50",
        ),
        (json!({ "team_routing": [7] }), "team_routing[0]", "object"),
        (
            json!({ "team_routing": [{ "tag": "x" }] }),
            "team_routing[0].team_id",
            "required",
        ),
        (
            json!({ "team_routing": [{ "team_id": "t", "channel": "fax" }] }),
            "team_routing[0].channel",
            "known_kind",
        ),
        (
            json!({ "team_routing": [{ "team_id": "t", "tag": "" }] }),
            "team_routing[0].tag",
            "1_to_64_characters",
        ),
        (
            json!({ "team_routing": [{ "team_id": "t", "user": 1 }] }),
            "team_routing[0].user",
            "unknown",
        ),
        (json!({ "field_mapping": [] }), "field_mapping", "object"),
        (
            json!({ "field_mapping": { "customerName": 1 } }),
            "field_mapping.customerName",
            "path",
        ),
        (
            json!({ "field_mapping": { "shoe": "attributes.name" } }),
            "field_mapping.shoe",
            "known_field",
        ),
        (
            json!({ "field_mapping": { "customerName": "attributes.rev" } }),
            "field_mapping.customerName",
            "writable_path",
        ),
        (
            json!({ "rollout": { "percent": 101 } }),
            "rollout.percent",
            "0_to_100",
        ),
        (
            json!({ "rollout": { "percent": 1.5 } }),
            "rollout.percent",
            "0_to_100",
        ),
        (
            json!({ "rollout": { "tag": 1 } }),
            "rollout.tag",
            "1_to_64_characters",
        ),
        (
            json!({ "escalation": { "phrases": [] } }),
            "escalation.phrases",
            "object",
        ),
        (
            json!({ "escalation": { "phrases": { "en": "x" } } }),
            "escalation.phrases.en",
            "texts",
        ),
        (
            json!({ "escalation": { "phrases": { "!": [] } } }),
            "escalation.phrases.!",
            "language",
        ),
        (
            json!({ "escalation": { "phrases": { "en": ["", "x"] } } }),
            "escalation.phrases.en[0]",
            "1_to_100_characters",
        ),
        (
            json!({ "escalation": { "message": "" } }),
            "escalation.message",
            "1_to_1000_characters",
        ),
        (json!({ "debug": 1 }), "debug", "boolean"),
        (json!({ "credentials": "x" }), "credentials", "object"),
        (
            json!({ "credentials": { "api_key": "a b" } }),
            "credentials.api_key",
            "secret",
        ),
        (
            json!({ "credentials": { "password": "x" } }),
            "credentials.password",
            "unknown",
        ),
        (json!([]), "body", "object"),
    ];
    for (body, path, rule) in cases {
        let refused = desk.put(&body);
        let refusal = (refused.status, refused.detail());
        assert_eq!(refusal, (422, (path, rule)), "{body}");
    }
    let count = desk.stack.db.value("SELECT count(*) FROM integrations");
    assert_eq!(count, 0.into());
}

#[test]
fn a_database_that_is_away_is_told() {
    let desk = Desk::connected();
    desk.stack
        .db
        .fail_after(1, Failure::Before(DbError::Outage("away".into())));
    let refused = desk.put(&json!({ "debug": true }));
    assert_eq!(refused.status, 503, "{}", refused.text());
}
