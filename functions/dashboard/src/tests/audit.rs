//! What people and keys changed is written down with the change.

use super::{keys, session};
use common::http::ledger::ROUTES;
use dashboard::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

const PATH: &str = "/api/dashboard/audit";
const DAY: i64 = 86_400_000_000;

fn get(stack: &Stack, token: &str, query: &str) -> Answer {
    let call = stack.call("dashboard", "GET", &format!("{PATH}{query}"));
    call.bearer(token).send(handle)
}

fn entries(stack: &Stack, token: &str, query: &str) -> Vec<Value> {
    let answer = get(stack, token, query);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["entries"].as_array().unwrap().clone()
}

fn create_key(stack: &Stack, token: &str, name: &str) -> Answer {
    let call = stack.call("dashboard", "POST", "/api/dashboard/api-keys");
    let call = call.bearer(token).header("cf-connecting-ip", "203.0.113.7");
    let body = json!({ "name": name, "scopes": ["customers:read"] });
    call.json(&body).send(handle)
}

fn revoke(stack: &Stack, token: &str, id: &str) -> Answer {
    let path = format!("/api/dashboard/api-keys/{id}");
    let call = stack.call("dashboard", "DELETE", &path);
    call.bearer(token).send(handle)
}

fn admin_key(tenant: &Tenant) -> &str {
    tenant.admin_key.split('_').nth(1).unwrap()
}

#[test]
fn audit_list_answers_with_who_changed_what_when_and_from_where() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    stack.advance(1_000);
    let made = create_key(&stack, &token, "My secret name");
    assert_eq!(made.status, 201, "{}", made.text());
    let entries = entries(&stack, &token, "");
    let [entry, signed_in] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(entry["operation"], "key_create");
    assert_eq!(entry["target"], made.json["key"]["id"]);
    assert_eq!(entry["fields"], json!(["name", "scopes"]));
    assert_eq!(entry["key_id"], admin_key(&tenant));
    assert_eq!(entry["key_name"], "First admin key");
    assert_eq!(
        (&entry["member_id"], &entry["member_name"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(entry["address"], "203.0.113.7");
    assert_eq!(entry["request_id"], made.header("x-request-id").unwrap());
    assert_eq!(entry["error"], Value::Null);
    assert_eq!(entry["created_at"], "2026-01-02T03:04:05.001000Z");
    assert_eq!(signed_in["operation"], "session_create");
    // No value of what was set, and no secret.
    let log = format!("{:?}", stack.db.sql("SELECT * FROM audit_log"));
    let secret = made.json["api_key"].as_str().unwrap();
    for text in ["My secret name", "customers:read", secret, &token] {
        assert!(!log.contains(text), "{log}");
    }
}

#[test]
fn audit_list_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let refused = get(&stack, &tenant.admin_key, "");
    assert_eq!(refused.refusal(), (401, "invalid_token"));
}

#[test]
fn audit_list_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    for (query, detail) in [
        ("?limit=201", ("query.limit", "1_to_200")),
        ("?cursor=x", ("query.cursor", "next_cursor")),
        ("?from=yesterday", ("query.from", "date_time")),
        ("?to=2026", ("query.to", "date_time")),
        ("?target=a&key_id=b", ("query.key_id", "one_filter")),
        ("?key_id=a&member_id=b", ("query.member_id", "one_filter")),
        ("?format=xml", ("query.format", "known_format")),
        ("?format=csv&limit=5001", ("query.limit", "1_to_5000")),
        ("?deep=1", ("query.deep", "unknown")),
    ] {
        assert_eq!(get(&stack, &token, query).detail(), detail, "{query}");
    }
}

#[test]
fn pages_and_filters_find_each_change_once_and_none_of_others() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let (token, others) = (session(&stack, &tenant), session(&stack, &other));
    create_key(&stack, &others, "Theirs");
    let mut made = Vec::new();
    for n in 0..5 {
        stack.advance(DAY);
        let key = create_key(&stack, &session(&stack, &tenant), &format!("Key {n}"));
        made.push(key.json["key"]["id"].as_str().unwrap().to_owned());
    }
    let token_now = session(&stack, &tenant);
    revoke(&stack, &token_now, &made[0]);
    let of = |query: &str| -> Vec<String> {
        let entries = entries(&stack, &token_now, query).into_iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        entries
            .map(|entry| text(&entry["operation"]) + " " + &text(&entry["target"]))
            .collect()
    };
    let newest_first: Vec<_> = made
        .iter()
        .rev()
        .map(|id| format!("key_create {id}"))
        .collect();
    assert_eq!(of("?operation=key_create"), newest_first);
    assert_eq!(
        of(&format!("?target={}", made[0])),
        [
            format!("key_revoke {}", made[0]),
            format!("key_create {}", made[0])
        ]
    );
    // Two sign-ins of before, five keys with a sign-in each, one sign-in and a revocation after.
    assert_eq!(of(&format!("?key_id={}", admin_key(&tenant))).len(), 13);
    assert_eq!(
        of("?operation=key_create&from=2026-01-06T03:04:05Z").len(),
        2
    );
    assert_eq!(of("?operation=key_create&to=2026-01-04T03:04:05Z").len(), 1);
    let mut paged = Vec::new();
    let mut query = "?operation=key_create&limit=2".to_owned();
    loop {
        let page = get(&stack, &token_now, &query).json;
        paged.extend(page["entries"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(page["has_more"], false);
            break;
        };
        query = format!("?operation=key_create&limit=2&cursor={cursor}");
    }
    assert_eq!(paged.len(), 5);
    let _ = token;
}

#[test]
fn what_changes_nothing_leaves_no_entry() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let before = entries(&stack, &token, "").len();
    assert_eq!(revoke(&stack, &token, "unknown").status, 404);
    assert_eq!(create_key(&stack, &token, "").status, 422);
    assert_eq!(keys(&stack, "GET", "", &token, &Value::Null).status, 200);
    assert_eq!(entries(&stack, &token, "").len(), before);
}

#[test]
fn what_the_operator_changes_is_in_the_log_of_the_business() {
    let stack = Stack::new();
    let platform = |method: &str, path: &str, body: &Value| {
        let call = stack.call("dashboard", method, path).bearer(PLATFORM_TOKEN);
        call.json(body).send(handle)
    };
    let new = json!({ "name": "Acme", "default_region": "IE" });
    let made = platform("POST", "/api/dashboard/businesses", &new).json;
    let change = json!({ "business_id": made["business"]["id"], "channels": 3 });
    assert_eq!(
        platform("PUT", "/api/dashboard/quotas", &change).status,
        200
    );
    let missing = json!({ "business_id": common::ids::lowest_id(stack.now()), "channels": 3 });
    assert_eq!(
        platform("PUT", "/api/dashboard/quotas", &missing).status,
        404
    );
    let log = stack
        .db
        .sql("SELECT business_id || operation || key_id FROM audit_log ORDER BY operation");
    let log: Vec<_> = log
        .into_iter()
        .flatten()
        .filter_map(common::db::Value::into_text)
        .collect();
    let business = made["business"]["id"].as_str().unwrap();
    assert_eq!(
        log,
        [
            format!("{business}business_createplatform"),
            format!("{business}quotas_putplatform")
        ]
    );
}

#[test]
fn an_entry_is_written_with_its_change_or_not_at_all() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    let outage = testkit::Failure::Before(common::db::DbError::Outage("away".into()));
    // The session, the quota, the key.
    stack.db.fail_after(2, outage);
    assert_eq!(create_key(&stack, &token, "A").status, 503);
    assert_eq!(entries(&stack, &token, "?operation=key_create").len(), 0);
    let count = stack.db.value("SELECT count(*) FROM api_keys");
    assert_eq!(count.as_integer(), Some(2));
}

#[test]
fn routes_that_change_settings_keys_and_customers_are_audited() {
    let audited = ROUTES.iter().filter(|route| route.is_audited());
    let operations: Vec<_> = audited.map(|route| route.operation).collect();
    for operation in [
        "business_create",
        "key_create",
        "key_revoke",
        "session_create",
        "channel_update",
        "webhook_rotate_secret",
        "delivery_replay",
        "webhook_recover",
        "integration_put",
        "integration_enable",
        "crm_job_retry",
        "handoff_put",
        "retention_put",
        "quotas_put",
        "sso_rotate_key",
        "customer_erase",
    ] {
        assert!(operations.contains(&operation), "{operation}");
    }
    assert!(
        !operations
            .iter()
            .any(|operation| operation.ends_with("_get"))
    );
    assert!(!operations.contains(&"message_send"));
}

/// Has a member be who changed something last.
fn last_by_member(stack: &Stack, tenant: &Tenant, member: &str, name: &str) {
    let business = &tenant.business_id;
    stack.db.sql(&format!(
        "INSERT INTO members (business_id, id, email, name, role, created_at)
         VALUES ('{business}', '{member}', '{member}@b.ie', '{name}', 'admin', 1) ON CONFLICT DO NOTHING"
    ));
    stack.db.sql(&format!(
        "UPDATE audit_log SET member_id = '{member}', key_id = '' WHERE business_id = '{business}'
           AND id = (SELECT max(id) FROM audit_log WHERE business_id = '{business}')"
    ));
}

#[test]
fn who_and_what_are_asked_for_together() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    for n in 0..3 {
        stack.advance(DAY / 24);
        create_key(&stack, &token, &format!("Key {n}"));
        if n == 1 {
            last_by_member(&stack, &tenant, "m-1", "Mia");
        }
    }
    let mias = entries(&stack, &token, "?member_id=m-1");
    assert_eq!(mias.len(), 1);
    assert_eq!(
        (&mias[0]["member_name"], &mias[0]["key_name"]),
        (&json!("Mia"), &Value::Null)
    );
    let count = |query: &str| entries(&stack, &token, query).len();
    assert_eq!(count("?member_id=m-1&operation=key_revoke"), 0);
    let key = format!("?key_id={}", admin_key(&tenant));
    assert_eq!(count(&key), 3);
    assert_eq!(count(&format!("{key}&operation=key_create")), 2);
    assert_eq!(
        count(&format!(
            "{key}&operation=key_create&from=2026-01-02T05:05:00Z"
        )),
        1
    );
    let target = mias[0]["target"].as_str().unwrap();
    assert_eq!(count(&format!("?target={target}&operation=key_create")), 1);
    assert_eq!(count(&format!("?target={target}&operation=key_revoke")), 0);
}

#[test]
fn the_log_is_exported_as_csv_in_which_no_cell_is_a_formula() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    stack.advance(1_000);
    let made = create_key(&stack, &token, "Key");
    last_by_member(&stack, &tenant, "m-1", "=HYPERLINK(\"x\")");
    let table = |query: &str, accept: &str| {
        let call = stack.call("dashboard", "GET", &format!("{PATH}{query}"));
        call.bearer(&token).header("accept", accept).send(handle)
    };
    for answer in [
        table("?limit=1", "text/csv"),
        table("?limit=1&format=csv", "*/*"),
    ] {
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        let text = answer.text();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(
            lines[0],
            "created_at,operation,target,fields,key_id,key_name,member_id,member_name,address,request_id,error,id"
        );
        let (id, request) = (
            made.json["key"]["id"].as_str().unwrap(),
            made.header("x-request-id").unwrap(),
        );
        let begin = format!("2026-01-02T03:04:05.001000Z,key_create,{id},name scopes,,,m-1,");
        let rest = format!("\"'=HYPERLINK(\"\"x\"\")\",203.0.113.7,{request},,");
        assert!(lines[1].starts_with(&(begin + &rest)), "{}", lines[1]);
        assert_eq!((lines.len(), lines[2]), (3, ""));
        // The next table is asked for by what the header says.
        let next = answer.header("x-next-cursor").unwrap();
        let rest = table(&format!("?format=csv&cursor={next}"), "*/*");
        assert!(rest.text().contains("session_create"), "{}", rest.text());
        assert_eq!(rest.header("x-next-cursor"), None);
    }
    assert_eq!(table("?format=json", "text/csv").status, 200);
    assert!(table("?format=json", "text/csv").json["entries"].is_array());
}
