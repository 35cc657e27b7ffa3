mod audit;
mod parked;
mod quotas;
mod sessions;

use dashboard::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

fn session(stack: &Stack, tenant: &Tenant) -> String {
    let answer = open_session(stack, &tenant.admin_key);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json["token"].as_str().unwrap().to_owned()
}

fn open_session(stack: &Stack, key: &str) -> Answer {
    stack
        .call("dashboard", "POST", "/api/dashboard/sessions")
        .key(key)
        .json(&json!({}))
        .send(handle)
}

fn keys(stack: &Stack, method: &str, suffix: &str, token: &str, body: &Value) -> Answer {
    let target = format!("/functions/v1/api/dashboard/api-keys{suffix}");
    stack
        .call("dashboard", method, &target)
        .bearer(token)
        .json(body)
        .send(handle)
}

fn use_key(stack: &Stack, key: &str) -> Answer {
    stack
        .call("customers", "GET", "/api-customers")
        .key(key)
        .send(async |_: &common::Context<'_>, _| Ok(common::http::Response::empty(200)))
}

#[test]
fn business_create_answers_with_the_business_and_its_two_keys() {
    let stack = Stack::new();
    let call = |body: Value| {
        let call = stack.call("dashboard", "POST", "/api/dashboard/businesses");
        call.bearer(PLATFORM_TOKEN).json(&body).send(handle)
    };
    let answer = call(json!({ "name": " Acme ", "default_region": "ie" }));
    assert_eq!(
        (answer.status, &answer.json["business"]["name"]),
        (201, &json!("Acme"))
    );
    assert_eq!(answer.json["business"]["default_region"], "IE");
    let key = |name: &str| answer.json[name].as_str().unwrap();
    assert_eq!(use_key(&stack, key("api_key")).status, 200);
    assert_eq!(
        open_session(&stack, key("api_key")).refusal(),
        (403, "insufficient_scope")
    );
    assert_eq!(open_session(&stack, key("admin_key")).status, 201);
}

#[test]
fn business_create_refuses_callers_without_the_platform_token() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || {
        stack
            .call("dashboard", "POST", "/api/dashboard/businesses")
            .json(&json!({}))
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    assert_eq!(
        call()
            .header("authorization", "Basic x")
            .send(handle)
            .refusal(),
        (401, "missing_token")
    );
    for token in ["wrong", &tenant.admin_key, &session(&stack, &tenant)] {
        assert_eq!(
            call().bearer(token).send(handle).refusal(),
            (401, "invalid_token")
        );
    }
}

#[test]
fn business_create_refuses_invalid_input() {
    let stack = Stack::new();
    let long = "n".repeat(201);
    let cases = [
        (json!({ "name": "", "default_region": "IE" }), "name"),
        (json!({ "name": long, "default_region": "IE" }), "name"),
        (
            json!({ "name": "N", "default_region": "Ireland" }),
            "default_region",
        ),
        (json!({ "name": "N" }), "default_region"),
        (
            json!({ "name": "N", "default_region": "IE", "plan": "pro" }),
            "plan",
        ),
    ];
    for (body, path) in cases {
        let call = stack.call("dashboard", "POST", "/api/dashboard/businesses");
        let answer = call.bearer(PLATFORM_TOKEN).json(&body).send(handle);
        assert_eq!(
            (answer.refusal(), answer.detail().0),
            ((422, "invalid_request"), path),
            "{body}"
        );
    }
}

#[test]
fn a_region_is_one_that_has_phone_numbers_and_the_united_kingdom_is_gb() {
    let stack = Stack::new();
    for (region, hint) in [("UK", "GB"), ("uk", "GB"), ("XX", "IE"), ("EU", "IE")] {
        let body = json!({ "name": "N", "default_region": region });
        let call = stack.call("dashboard", "POST", "/api/dashboard/businesses");
        let refused = call.bearer(PLATFORM_TOKEN).json(&body).send(handle);
        let detail = ("default_region", "iso_3166_1_alpha_2");
        assert_eq!(
            (refused.status, refused.detail()),
            (422, detail),
            "{region}"
        );
        let message = refused.json["error"].as_str().unwrap();
        assert!(message.contains(hint), "{region}: {message}");
    }
}

#[test]
fn session_create_answers_with_a_token_that_opens_the_settings_for_twelve_hours() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    assert_eq!(keys(&stack, "GET", "", &token, &Value::Null).status, 200);
    stack.advance(12 * 3_600_000_000);
    assert_eq!(
        keys(&stack, "GET", "", &token, &Value::Null).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn session_create_refuses_callers_without_an_admin_key() {
    let (stack, tenant) = Stack::with_tenant();
    assert_eq!(
        open_session(&stack, &tenant.api_key).refusal(),
        (403, "insufficient_scope")
    );
    assert_eq!(
        open_session(&stack, "tl_").refusal(),
        (401, "invalid_api_key")
    );
}

#[test]
fn session_create_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("dashboard", "POST", "/api/dashboard/sessions?hours=99");
    let answer = call.key(&tenant.admin_key).json(&json!({})).send(handle);
    assert_eq!(answer.detail(), ("query.hours", "unknown"));
}

#[test]
fn key_create_answers_with_a_key_that_works_within_its_scopes() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let made = keys(
        &stack,
        "POST",
        "",
        &token,
        &json!({ "name": "CRM", "scopes": ["customers:read"] }),
    );
    assert_eq!(
        (made.status, &made.json["key"]["scopes"]),
        (201, &json!(["customers:read"]))
    );
    assert_eq!(
        use_key(&stack, made.json["api_key"].as_str().unwrap()).status,
        200
    );
    let writer = keys(
        &stack,
        "POST",
        "",
        &token,
        &json!({ "name": "W", "scopes": ["customers:write"] }),
    );
    let writer = writer.json["api_key"].as_str().unwrap();
    assert_eq!(
        use_key(&stack, writer).refusal(),
        (403, "insufficient_scope")
    );
}

#[test]
fn key_create_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let body = json!({ "name": "K", "scopes": ["admin"] });
    for token in ["", "tls_x_y", &tenant.admin_key] {
        assert_eq!(
            keys(&stack, "POST", "", token, &body).refusal(),
            (401, "invalid_token"),
            "{token}"
        );
    }
}

#[test]
fn key_create_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let cases = [
        (json!({ "name": " ", "scopes": ["admin"] }), "name"),
        (json!({ "name": "K", "scopes": [] }), "scopes"),
        (json!({ "name": "K", "scopes": ["root"] }), "scopes[0]"),
        (
            json!({ "name": "K", "scopes": ["admin"], "expires_at": "tomorrow" }),
            "expires_at",
        ),
        (
            json!({ "name": "K", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z" }),
            "expires_at",
        ),
        (json!({ "name": "K" }), "scopes"),
        (json!({ "name": "K", "scopes": "admin" }), "scopes"),
        (json!({ "name": "K", "scopes": ["admin"], "id": "k" }), "id"),
    ];
    for (body, path) in cases {
        let answer = keys(&stack, "POST", "", &token, &body);
        assert_eq!((answer.status, answer.detail().0), (422, path), "{body}");
    }
}

#[test]
fn an_expired_key_is_refused_by_that_name() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let soon = stack.now().plus(60_000_000).to_string();
    let body = json!({ "name": "K", "scopes": ["customers:read"], "expires_at": soon });
    let key = keys(&stack, "POST", "", &token, &body).json["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(use_key(&stack, &key).status, 200);
    stack.advance(60_000_000);
    assert_eq!(use_key(&stack, &key).refusal(), (401, "expired_api_key"));
}

#[test]
fn key_list_answers_with_the_keys_of_the_business_and_no_secret() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let token = session(&stack, &tenant);
    use_key(&stack, &tenant.api_key);
    let list = keys(&stack, "GET", "", &token, &Value::Null);
    let listed = list.json["keys"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|key| key["last_used_at"].is_string()));
    for key in [&tenant.api_key, &tenant.admin_key, &other.api_key] {
        assert!(!list.text().contains(&key[24..]));
    }
}

#[test]
fn key_list_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack
        .call("dashboard", "GET", "/api/dashboard/api-keys")
        .key(&tenant.admin_key);
    assert_eq!(call.send(handle).refusal(), (401, "missing_token"));
}

#[test]
fn key_list_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    assert_eq!(
        keys(&stack, "GET", "?all=1", &token, &Value::Null)
            .detail()
            .0,
        "query.all"
    );
}

#[test]
fn key_revoke_answers_and_the_key_is_dead_within_a_minute_with_its_sessions() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let made = keys(
        &stack,
        "POST",
        "",
        &token,
        &json!({ "name": "A", "scopes": ["admin"] }),
    );
    let key = made.json["api_key"].as_str().unwrap();
    let session = open_session(&stack, key).json["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = format!("/{}", made.json["key"]["id"].as_str().unwrap());
    assert_eq!(
        keys(&stack, "DELETE", &id, &token, &Value::Null).status,
        204
    );
    assert_eq!(
        keys(&stack, "GET", "", &session, &Value::Null).refusal(),
        (401, "invalid_token")
    );
    stack.advance(59_000_000);
    assert_eq!(use_key(&stack, key).refusal(), (401, "revoked_api_key"));
}

#[test]
fn key_revoke_refuses_callers_of_another_business() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let id = format!("/{}", tenant.api_key.split('_').nth(1).unwrap());
    let theirs = session(&stack, &other);
    assert_eq!(
        keys(&stack, "DELETE", &id, &theirs, &Value::Null).refusal(),
        (404, "not_found")
    );
    assert_eq!(use_key(&stack, &tenant.api_key).status, 200);
}

#[test]
fn key_revoke_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    assert_eq!(
        keys(&stack, "DELETE", "/nothing", &token, &Value::Null).status,
        404
    );
    assert_eq!(
        keys(&stack, "DELETE", "/a/b", &token, &Value::Null).status,
        404
    );
}

#[test]
fn no_secret_is_stored_in_the_clear() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let call = stack
        .call("dashboard", "POST", "/api/dashboard/api-keys")
        .bearer(&token);
    let body = json!({ "name": "K", "scopes": ["admin"] });
    let made = call
        .header("idempotency-key", "once")
        .json(&body)
        .send(handle);
    let secrets = [
        made.json["api_key"].as_str().unwrap(),
        &token,
        &tenant.api_key,
        &tenant.admin_key,
    ];
    for table in ["api_keys", "sessions", "idempotency"] {
        let stored = format!("{:?}", stack.db.sql(&format!("SELECT * FROM {table}")));
        for secret in secrets {
            assert!(!stored.contains(&secret[26..]), "{table}");
        }
    }
}

#[test]
fn a_repeated_request_shows_the_secret_to_its_own_caller_again() {
    let (stack, tenant) = Stack::with_tenant();
    let create = |token: &str| {
        let call = stack
            .call("dashboard", "POST", "/api/dashboard/api-keys")
            .bearer(token);
        let body = json!({ "name": "K", "scopes": ["customers:read"] });
        call.header("idempotency-key", "once")
            .json(&body)
            .send(handle)
    };
    let (first, second) = (session(&stack, &tenant), session(&stack, &tenant));
    let made = create(&first);
    let again = create(&first);
    assert_eq!(
        (again.status, &again.json["api_key"]),
        (201, &made.json["api_key"])
    );
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(create(&second).refusal(), (422, "idempotency_key_reused"));
}

#[test]
fn a_key_over_its_limit_is_told_when_to_come_back() {
    let (stack, tenant) = Stack::with_tenant();
    stack.limit_requests(1);
    assert_eq!(use_key(&stack, &tenant.api_key).status, 200);
    let answer = use_key(&stack, &tenant.api_key);
    assert_eq!(
        (answer.refusal(), answer.header("retry-after")),
        ((429, "rate_limited"), Some("60"))
    );
}

#[test]
fn a_mistyped_key_is_refused_without_a_read() {
    let (stack, tenant) = Stack::with_tenant();
    let key = tenant.api_key.clone();
    let last = if key.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &key[..key.len() - 1]);
    let (prefix, made_up) = (&key[..24], "0".repeat(key.len() - 24));
    let before = stack.db.calls();
    for wrong in [mistyped, format!("{prefix}{made_up}")] {
        assert_eq!(
            use_key(&stack, &wrong).refusal(),
            (401, "invalid_api_key"),
            "{wrong}"
        );
    }
    assert_eq!(stack.db.calls(), before);
    assert_eq!(use_key(&stack, &key).status, 200);
}
