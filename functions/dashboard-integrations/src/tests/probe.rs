use super::{DEFAULT_KEY, Desk, KEY, kustomer, refuses_callers, requests_made};
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

#[test]
fn integration_test_answers_with_connection_roles_and_teams() {
    let desk = Desk::connected();
    kustomer(
        &desk,
        &[
            "org.permission.customer",
            "org.user.conversation",
            "org.user.message.write",
        ],
    );
    let tested = desk.post("test", &Value::Null);
    let missing = tested.json["roles"]["missing"].clone();
    let first = json!({ "needed_for": "notes:write", "role": "org.permission.note.create",
        "turns_off": "Notes and the transcripts of escalations are not written." });
    assert_eq!(missing[0], first);
    let expected = json!({
        "success": true,
        "connection": {
            "organization_id": "org-1", "user": { "id": "user-1", "name": "Tieline" },
            "base_url": "https://acme.api.kustomerapp.com"
        },
        "roles": {
            "present": ["customers:read", "customers:write", "conversations:read",
                "conversations:write", "messages:write", "teams:read", "conversations:delete"],
            "missing": missing
        },
        "teams": [{ "id": "team-1", "name": "Support" }]
    });
    assert_eq!((tested.status, tested.json), (200, expected));
    let expected = [
        "GET /v1/auth/tokens/current",
        "GET /v1/users/current",
        "GET /v1/teams?pageSize=500",
    ];
    assert_eq!(requests_made(&desk), expected);
    let used = desk.stack.db.value("SELECT used FROM crm_budgets");
    assert_eq!(used, 3.into());
}

#[test]
fn the_seven_permissions_of_the_guide_are_enough_and_what_others_turn_off_is_told() {
    let desk = Desk::connected();
    let write = ["create", "update"];
    let mut roles = vec![
        "org.permission.conversation.read",
        "org.permission.team.read",
    ];
    let of = |resource: &str, verb: &&str| format!("org.permission.{resource}.{verb}");
    let writes = ["customer", "conversation", "message", "note"];
    let writes = writes
        .iter()
        .flat_map(|resource| write.iter().map(|verb| of(resource, verb)));
    let writes: Vec<_> = writes.collect();
    roles.extend([
        "org.permission.customer.read",
        "org.permission.customer.delete",
    ]);
    roles.extend(writes.iter().map(String::as_str));
    kustomer(&desk, &roles);
    let tested = desk.post("test", &Value::Null).json;
    assert_eq!(tested["success"], true);
    let present = json!([
        "customers:read",
        "customers:write",
        "conversations:read",
        "conversations:write",
        "messages:write",
        "notes:write",
        "teams:read"
    ]);
    assert_eq!(tested["roles"]["present"], present);
    assert_eq!(
        tested["roles"]["excess"],
        json!(["org.permission.customer.delete"])
    );
    let missing = tested["roles"]["missing"].as_array().unwrap();
    let needed: Vec<_> = missing.iter().map(|one| &one["needed_for"]).collect();
    let expected = [
        "conversations:delete",
        "messages:read",
        "notes:read",
        "attachments:read",
        "users:read",
        "tags:read",
        "search:create",
        "bulk:read",
        "webhooks:read",
        "webhooks:write",
        "webhooks:write",
    ];
    assert_eq!(needed, expected);
    for one in missing {
        assert!(!one["turns_off"].as_str().unwrap().is_empty(), "{one}");
    }
}

#[test]
fn teams_of_the_settings_that_do_not_exist_are_told() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    let rules = json!([{ "team_id": "team-1" }, { "channel": "sms", "team_id": "team-2" }]);
    desk.put(&json!({ "default_team_id": "team-gone", "team_routing": rules }));
    let tested = desk.post("test", &Value::Null).json;
    assert_eq!(tested["success"], true);
    let warnings = tested["warnings"].as_array().unwrap();
    let said: Vec<_> = warnings
        .iter()
        .map(|one| one["message"].as_str().unwrap())
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("team-gone of `default_team_id`"),
        "{said:?}"
    );
    assert!(said[1].contains("team-2 of `team_routing[1]`"), "{said:?}");
}

#[test]
fn a_key_can_be_tested_before_it_is_kept() {
    let desk = Desk::new();
    kustomer(&desk, &["org"]);
    let body = json!({
        "subdomain": "acme.kustomerapp.com", "organization_id": "org-1",
        "credentials": { "api_key": KEY }
    });
    assert_eq!(desk.post("test", &body).json["success"], true);
    let count = desk.stack.db.value("SELECT count(*) FROM integrations");
    assert_eq!(count, 0.into());
    desk.stack.ports.set("KUSTOMER_API_KEY", DEFAULT_KEY);
    desk.stack.ports.set("KUSTOMER_SUBDOMAIN", "acme");
    assert_eq!(desk.post("test", &json!({})).json["success"], true);
}

#[test]
fn a_test_says_what_is_wrong_and_never_quotes_the_key() {
    let error = |text: &str| json!({ "errors": [{ "code": "x", "message": text }] });
    let cases = [
        (
            answer(401, &error("bad token")),
            "bad_key",
            "does not know this API key",
        ),
        (
            answer(
                403,
                &error("token associated with pod prod2 but handled by pod prod1"),
            ),
            "wrong_region",
            "check `subdomain`",
        ),
        (
            answer(403, &error(&format!("{KEY} may not"))),
            "missing_role",
            "lacks a role",
        ),
        (
            answer(404, &Value::Null),
            "not_found",
            "no Kustomer at this address",
        ),
        (
            answer(429, &Value::Null),
            "throttled",
            "try again in a minute",
        ),
        (
            answer(500, &Value::Null),
            "unclear",
            "did not answer as it should",
        ),
        (
            answer(200, &json!("what")),
            "unclear",
            "did not answer as it should",
        ),
        (refused(), "unreached", "check `subdomain`"),
        (timed_out(), "unclear", "did not answer as it should"),
    ];
    for (outcome, code, sentence) in cases {
        let desk = Desk::connected();
        desk.stack.ports.will(outcome);
        let tested = desk.post("test", &Value::Null);
        assert_eq!(
            (tested.status, &tested.json["success"]),
            (200, &json!(false))
        );
        let error = &tested.json["error"];
        assert_eq!(error["code"], code);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(sentence), "{message}");
    }
}

#[test]
fn a_key_of_another_organisation_is_told() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    desk.put(&json!({ "organization_id": "org-2" }));
    let tested = desk.post("test", &Value::Null).json;
    assert_eq!(tested["success"], false);
    assert_eq!(tested["error"]["code"], "wrong_organization");
    assert_eq!(tested["connection"]["organization_id"], "org-1");
}

#[test]
fn teams_that_cannot_be_told_spoil_nothing() {
    let desk = Desk::connected();
    let user = json!({ "data": { "type": "user", "id": "u", "attributes": { "roles": ["org.user"] },
        "relationships": { "org": { "data": { "id": "o" } } } } });
    for (status, body) in [(200, &user), (200, &user), (403, &Value::Null)] {
        desk.stack.ports.will(answer(status, body));
    }
    let tested = desk.post("test", &Value::Null).json;
    assert_eq!(tested["success"], true);
    assert_eq!(tested["teams_error"]["code"], "missing_role");
    assert_eq!(tested.get("teams"), None);
}

#[test]
fn a_budget_that_is_used_up_is_told_and_nothing_is_asked() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    assert_eq!(desk.post("test", &Value::Null).json["success"], true);
    requests_made(&desk);
    let later = desk.stack.now().micros() + 60_000_000;
    desk.stack
        .db
        .sql(&format!("UPDATE crm_budgets SET blocked_until = {later}"));
    let tested = desk.post("test", &Value::Null).json;
    assert_eq!(tested["error"]["code"], "waiting");
    assert!(requests_made(&desk).is_empty());
}

#[test]
fn integration_test_refuses_callers_without_a_session() {
    refuses_callers("POST", "/kustomer/test");
}

#[test]
fn integration_test_refuses_invalid_input() {
    let desk = Desk::new();
    let cases = [
        (json!({ "debug": true }), "debug", "unknown"),
        (
            json!({ "subdomain": "evil.example" }),
            "subdomain",
            "subdomain",
        ),
        (json!({ "organization_id": 1 }), "organization_id", "id"),
        (json!({ "credentials": 1 }), "credentials", "object"),
        (
            json!({ "credentials": { "api_key": "" } }),
            "credentials.api_key",
            "secret",
        ),
        (
            json!({ "credentials": { "webhook_secret": "x" } }),
            "credentials.webhook_secret",
            "unknown",
        ),
    ];
    for (body, path, rule) in cases {
        let refused = desk.post("test", &body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    let missing = desk.post("test", &Value::Null);
    assert_eq!(
        (missing.status, missing.detail()),
        (409, ("api_key", "set"))
    );
    let key = json!({ "credentials": { "api_key": KEY } });
    let missing = desk.post("test", &key);
    assert_eq!(
        (missing.status, missing.detail()),
        (409, ("subdomain", "set"))
    );
    assert!(requests_made(&desk).is_empty());
}
