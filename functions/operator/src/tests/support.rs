use super::*;
use common::db::Value as Sql;

fn open(stack: &Stack, id: &str, body: &Value) -> Answer {
    let target = format!("{BUSINESSES}/{id}/support-session");
    let call = stack.call("operator", "POST", &target);
    call.bearer(PLATFORM_TOKEN).json(body).send(handle)
}

fn token(stack: &Stack, tenant: &Tenant, role: &str) -> String {
    let body = json!({ "role": role, "reason": REASON });
    let opened = open(stack, &tenant.business_id, &body);
    assert_eq!(opened.status, 201, "{}", opened.text());
    opened.json["token"].as_str().unwrap().to_owned()
}

fn settings(stack: &Stack, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let target = format!("/api/dashboard{path}");
    let call = stack.call("dashboard", method, &target).bearer(token);
    call.json_unless_null(body).send(dashboard::handler::handle)
}

#[test]
fn support_session_create_answers_with_a_session_that_ends_by_itself() {
    let (stack, tenant) = Stack::with_tenant();
    let body = json!({ "role": "viewer", "reason": REASON, "minutes": 60 });
    let opened = open(&stack, &tenant.business_id, &body);
    assert_eq!(
        (opened.status, &opened.json["role"]),
        (201, &json!("viewer"))
    );
    assert_eq!(opened.json["business_name"], "Test business");
    assert_eq!(
        opened.json["expires_at"],
        json!(stack.now().plus(3600 * SECOND).to_string())
    );
    assert_eq!(opened.header("set-cookie"), None);
    let token = opened.json["token"].as_str().unwrap();
    let quotas = || settings(&stack, "GET", "/quotas", token, &Value::Null);
    assert_eq!(quotas().status, 200);
    // Its use does not prolong it.
    stack.advance(3599 * SECOND);
    assert_eq!(quotas().status, 200);
    stack.advance(SECOND);
    assert_eq!(quotas().refusal(), (401, "invalid_token"));
}

#[test]
fn a_session_of_support_may_what_its_role_may_and_sees_one_business() {
    let (stack, tenant) = Stack::with_tenant();
    let _other = stack.tenant("Other");
    let key = json!({ "name": "K", "scopes": ["customers:read"] });
    for (role, may) in [("viewer", 403), ("agent", 403), ("admin", 201)] {
        let token = token(&stack, &tenant, role);
        let made = settings(&stack, "POST", "/api-keys", &token, &key);
        assert_eq!(made.status, may, "{role}: {}", made.text());
        let quotas = settings(&stack, "GET", "/quotas", &token, &Value::Null);
        assert_eq!(quotas.json["business_id"], json!(tenant.business_id));
        // What is an owner's, support does not.
        let call = stack.call("retention", "PUT", "/api/dashboard/retention");
        let refused = call
            .bearer(&token)
            .json(&json!({}))
            .send(retention::handler::handle);
        assert_eq!(refused.refusal(), (403, "insufficient_scope"));
    }
}

#[test]
fn the_log_shows_support_and_why_at_the_opening_and_at_each_change() {
    let (stack, tenant) = Stack::with_tenant();
    let token = token(&stack, &tenant, "admin");
    let key = json!({ "name": "K", "scopes": ["customers:read"] });
    stack.advance(SECOND);
    assert_eq!(
        settings(&stack, "POST", "/api-keys", &token, &key).status,
        201
    );
    let log = audit(&stack, &tenant);
    let shown = |operation: &str| {
        let entry = log.iter().find(|entry| entry["operation"] == operation);
        let entry = entry.unwrap();
        (entry["key_id"].clone(), entry["reason"].clone())
    };
    assert_eq!(
        shown("support_session_create"),
        (json!("platform"), json!(REASON))
    );
    assert_eq!(shown("key_create"), (json!("support"), json!(REASON)));
    assert_eq!(shown("session_create").1, Value::Null);
}

#[test]
fn the_business_sees_the_session_and_can_end_it() {
    let (stack, tenant) = Stack::with_tenant();
    let own = stack.session(&tenant);
    let token = token(&stack, &tenant, "viewer");
    let list = settings(&stack, "GET", "/sessions", &own, &Value::Null);
    let sessions = list.json["sessions"].as_array().unwrap();
    let support = sessions.iter().find(|one| one["key_id"] == "support");
    let support = support.unwrap();
    assert_eq!(support["support_reason"], json!(REASON));
    let path = format!("/sessions/{}", support["id"].as_str().unwrap());
    assert_eq!(
        settings(&stack, "DELETE", &path, &own, &Value::Null).status,
        204
    );
    let over = settings(&stack, "GET", "/quotas", &token, &Value::Null);
    assert_eq!(over.refusal(), (401, "invalid_token"));
}

#[test]
fn support_gets_into_a_business_that_is_suspended_and_what_it_sends_waits() {
    let (stack, tenant) = Stack::with_tenant();
    let _account = stack.whatsapp(&tenant, "1066");
    stack.receive_whatsapp("1066", "wamid.1", "353871234567", "Hello");
    suspend(&stack, &tenant, true);
    let token = token(&stack, &tenant, "agent");
    assert_eq!(
        settings(&stack, "GET", "/quotas", &token, &Value::Null).status,
        200
    );
    let call = stack
        .call("send-message", "POST", "/api-send-message")
        .bearer(&token);
    let body = json!({ "phone": "+353871234567", "channel": "whatsapp", "content": "Hi" });
    let sent = call.json(&body).send(send_message::handler::handle);
    assert_eq!(
        (sent.status, &sent.json["message"]["status"]),
        (202, &json!("queued"))
    );
    assert!(stack.ports.take_requests().is_empty());
}

#[test]
fn a_browser_is_signed_in_by_a_cookie_and_changes_nothing_without_the_pages_token() {
    let (stack, tenant) = Stack::with_tenant();
    let body = json!({ "role": "admin", "reason": REASON, "minutes": 5, "cookie": true });
    let opened = open(&stack, &tenant.business_id, &body);
    let cookie = opened.header("set-cookie").unwrap();
    let (pair, rest) = cookie.split_once(';').unwrap();
    assert_eq!(rest, " Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=300");
    let call = |method| {
        let call = stack.call("dashboard", method, "/api/dashboard/api-keys");
        call.header("cookie", pair)
    };
    assert_eq!(call("GET").send(dashboard::handler::handle).status, 200);
    let key = json!({ "name": "K", "scopes": ["customers:read"] });
    let refused = call("POST").json(&key).send(dashboard::handler::handle);
    assert_eq!(refused.refusal(), (403, "invalid_csrf_token"));
}

#[test]
fn the_token_is_neither_stored_nor_replayed_in_the_clear() {
    let (stack, tenant) = Stack::with_tenant();
    let target = format!("{BUSINESSES}/{}/support-session", tenant.business_id);
    let body = json!({ "role": "viewer", "reason": REASON });
    let send = || {
        let call = stack
            .call("operator", "POST", &target)
            .bearer(PLATFORM_TOKEN);
        call.header("idempotency-key", "once")
            .json(&body)
            .send(handle)
    };
    let (first, second) = (send(), send());
    assert_eq!(first.json, second.json);
    let secret = first.json["token"].as_str().unwrap();
    let secret = secret.rsplit('_').next().unwrap();
    for table in ["sessions", "idempotency", "audit_log"] {
        let rows = stack.db.sql(&format!("SELECT * FROM {table}"));
        assert!(
            !rows.is_empty() && !format!("{rows:?}").contains(secret),
            "{table}"
        );
    }
    let sessions = "SELECT count(*) FROM sessions";
    assert_eq!(stack.db.value(sessions), Sql::Integer(1));
}

#[test]
fn support_session_create_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("POST", &format!("{BUSINESSES}/x/support-session"));
}

#[test]
fn support_session_create_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let with = |role: &str, reason: &str, minutes: i64| json!({ "role": role, "reason": reason, "minutes": minutes });
    let long = "x".repeat(501);
    for (body, path) in [
        (json!({}), "role"),
        (with("owner", REASON, 5), "role"),
        (with("root", REASON, 5), "role"),
        (json!({ "role": "admin" }), "reason"),
        (with("admin", "", 5), "reason"),
        (with("admin", "         x", 5), "reason"),
        (with("admin", &long, 5), "reason"),
        (with("admin", REASON, 0), "minutes"),
        (with("admin", REASON, 61), "minutes"),
        (with("admin", REASON, -1), "minutes"),
        (
            json!({ "role": "admin", "reason": REASON, "hours": 1 }),
            "hours",
        ),
        (
            json!({ "role": "admin", "reason": REASON, "cookie": 1 }),
            "cookie",
        ),
    ] {
        let refused = open(&stack, &tenant.business_id, &body);
        assert_eq!((refused.status, refused.detail().0), (422, path), "{body}");
    }
    for id in ["x", "01900000-0000-7000-8000-000000000000"] {
        let refused = open(&stack, id, &with("viewer", REASON, 5));
        assert_eq!(refused.refusal(), (404, "not_found"));
    }
    let rows = "SELECT (SELECT count(*) FROM sessions)
      + (SELECT count(*) FROM audit_log WHERE operation = 'support_session_create')";
    assert_eq!(stack.db.value(rows), Sql::Integer(0));
}
