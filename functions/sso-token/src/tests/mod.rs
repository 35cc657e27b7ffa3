mod member;
mod settings;

use serde_json::{Value, json};
use sso_token::handler::handle;
use testkit::{Answer, CUSTOMER_ID, Stack, Tenant};

fn generate(stack: &Stack, tenant: &Tenant, body: &Value) -> Answer {
    let call = stack.call("sso-token", "POST", "/functions/v1/api-sso-generate-token");
    call.key(&tenant.api_key).json(body).send(handle)
}

fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(&tenant, "{}");
    stack.db.sql(&format!(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         VALUES ('{}', 'external_id', 'CRM-12345', '', '{CUSTOMER_ID}')",
        tenant.business_id
    ));
    (stack, tenant)
}

#[test]
fn sso_token_create_answers_a_token_and_the_address_of_the_page() {
    let (stack, tenant) = stack();
    // As the guide's example asks.
    let body = json!({"customer_id": CUSTOMER_ID, "scope": "inbox", "expires_in": 3600});
    let answer = generate(&stack, &tenant, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json["token"].as_str().unwrap();
    assert_eq!(answer.json["expires_at"], "2026-01-02T04:04:05.000000Z");
    let id = answer.json["token_id"].as_str().unwrap();
    let url = format!("https://tieline.example/embed/inbox?id={id}#token={token}");
    assert_eq!(answer.json["embed_url"], url.as_str());
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!answer.log.to_string().contains(token));
}

#[test]
fn a_customer_is_named_by_our_id_or_by_the_crms() {
    let (stack, tenant) = stack();
    for body in [
        json!({"customer_id": "CRM-12345", "scope": "inbox"}),
        json!({"customer_id": CUSTOMER_ID.to_uppercase()}),
        json!({"customer_id": null, "agent": null, "scope": "inbox:all"}),
        json!({"customer_id": CUSTOMER_ID, "expires_in": 60,
            "agent": {"id": "7", "name": "Áine", "email": "a@b.ie"}}),
        json!({"scope": "inbox:all", "expires_in": 86400}),
    ] {
        assert_eq!(generate(&stack, &tenant, &body).status, 200, "{body}");
    }
    let agents = stack.db.value("SELECT name FROM sso_agents");
    assert_eq!(agents.as_text(), Some("Áine"));
    let keys = stack.db.value("SELECT count(*) FROM sso_keys");
    assert_eq!(keys.as_integer(), Some(1));
}

#[test]
fn sso_token_create_refuses_callers_without_the_scope() {
    let (stack, tenant) = stack();
    let call = stack.call("sso-token", "POST", "/api-sso-generate-token");
    assert_eq!(
        call.json(&json!({})).send(handle).refusal(),
        (401, "missing_api_key")
    );
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'customers:read'");
    let answer = generate(&stack, &tenant, &json!({}));
    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
}

#[test]
fn sso_token_create_refuses_invalid_input() {
    let (stack, tenant) = stack();
    for (body, path) in [
        (json!({"scope": "admin"}), "scope"),
        (json!({"scope": "inbox:ALL"}), "scope"),
        (json!({"expires_in": 59}), "expires_in"),
        (json!({"expires_in": 86_401}), "expires_in"),
        (json!({"expires_in": -1}), "expires_in"),
        (json!({"customer_id": " "}), "customer_id"),
        (json!({"customer_id": "x".repeat(513)}), "customer_id"),
        (json!({"agent": {"id": "", "name": "A"}}), "agent.id"),
        (json!({"agent": {"id": "1", "name": " "}}), "agent.name"),
        (
            json!({"agent": {"id": "1", "name": "x".repeat(201)}}),
            "agent.name",
        ),
        (
            json!({"agent": {"id": "1", "name": "A", "email": "x".repeat(321)}}),
            "agent.email",
        ),
        (json!({"agent": {"id": "1"}}), "agent.name"),
        (json!({"agent": "Ann"}), "agent"),
        (json!({"expires_in": "3600"}), "expires_in"),
        (json!({"colour": "red"}), "colour"),
        (json!([]), "body"),
    ] {
        let answer = generate(&stack, &tenant, &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
        assert_eq!(answer.detail().0, path, "{body}");
    }
}

#[test]
fn a_customer_of_another_business_is_not_there_and_one_of_two_crms_is_a_conflict() {
    let (stack, tenant) = stack();
    let other = stack.tenant("Another business");
    for id in [CUSTOMER_ID, "CRM-12345", "nobody"] {
        let answer = generate(&stack, &other, &json!({ "customer_id": id }));
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
    let second = "01900000-0000-7000-8000-0000000000c2";
    stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, revision, created_at, updated_at)
         VALUES ('{0}', '{second}', 1, 0, 0);",
        tenant.business_id
    ));
    stack.db.sql(&format!(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         VALUES ('{}', 'external_id', 'CRM-12345', 'b', '{second}')",
        tenant.business_id
    ));
    let answer = generate(&stack, &tenant, &json!({"customer_id": "CRM-12345"}));
    assert_eq!(answer.refusal(), (409, "ambiguous_external_id"));
}

#[test]
fn a_repeated_request_gets_the_same_token_which_is_not_stored_in_the_clear() {
    let (stack, tenant) = stack();
    let once = || {
        let call = stack.call("sso-token", "POST", "/api-sso-generate-token");
        let call = call.key(&tenant.api_key);
        let call = call.json(&json!({"scope": "inbox:all"}));
        call.header("idempotency-key", "k1").send(handle)
    };
    let (first, second) = (once(), once());
    assert_eq!(first.json, second.json);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    let stored = stack.db.value("SELECT response FROM idempotency");
    let token = first.json["token"].as_str().unwrap();
    assert!(!stored.as_text().unwrap().contains(token));
}

#[test]
fn the_whole_inbox_is_a_scope_of_its_own() {
    let (stack, tenant) = stack();
    for (body, path) in [
        (json!({"scope": "inbox"}), "customer_id"),
        (json!({}), "customer_id"),
        (
            json!({"scope": "inbox:all", "customer_id": CUSTOMER_ID}),
            "customer_id",
        ),
    ] {
        let answer = generate(&stack, &tenant, &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
        assert_eq!(answer.detail().0, path, "{body}");
    }
    let whole = generate(&stack, &tenant, &json!({"scope": "inbox:all"}));
    assert_eq!(whole.status, 200, "{}", whole.text());
}

#[test]
fn a_token_lives_for_a_quarter_of_an_hour_and_its_address_hides_it_from_servers() {
    let (stack, tenant) = stack();
    let answer = generate(&stack, &tenant, &json!({"customer_id": CUSTOMER_ID}));
    assert_eq!(answer.json["expires_at"], "2026-01-02T03:19:05.000000Z");
    let url = answer.json["embed_url"].as_str().unwrap();
    let (sent, kept) = url.split_once('#').unwrap();
    let token = answer.json["token"].as_str().unwrap();
    assert!(!sent.contains(token));
    assert_eq!(kept, format!("token={token}"));
}
