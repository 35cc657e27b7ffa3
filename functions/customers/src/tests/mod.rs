mod crm;
mod erasure;
mod others;
mod records;

use common::Context;
use common::http::{Request, Response};
use customer::{Customer, SyncOptions, customers_sync, parse_batch};
use customers::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

/// Puts customers in as the sync endpoint does.
fn seed(stack: &Stack, tenant: &Tenant, records: Value) {
    let answer = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key)
        .json(&json!({ "customers": records }))
        .send(async |cx: &Context<'_>, request: Request| {
            customers_sync(cx, &parse_batch(&request)?, SyncOptions::default()).await?;
            Ok(Response::empty(200))
        });
    assert_eq!(answer.status, 200);
}

fn get(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let target = format!("/functions/v1/api-customers{query}");
    stack
        .call("customers", "GET", &target)
        .key(&tenant.api_key)
        .send(handle)
}

fn erase(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let target = format!("/api-customers{query}");
    stack
        .call("customers", "DELETE", &target)
        .key(&tenant.api_key)
        .send(handle)
}

fn john(stack: &Stack, tenant: &Tenant) -> String {
    seed(
        stack,
        tenant,
        json!([{
            "external_id": "CRM 1", "external_system": "salesforce", "name": "John", "email": "j@b.ie",
            "phone": "+353871234567", "whatsapp_number": "+353871234567", "tags": ["vip"],
            "custom_fields": { "n": 1.5 }
        }]),
    );
    get(stack, tenant, "?email=j@b.ie").json["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn customer_get_answers_with_the_customer_by_any_of_its_names() {
    let (stack, tenant) = Stack::with_tenant();
    let id = john(&stack, &tenant);
    let queries = [
        format!("?id={id}"),
        format!("?id={}", id.to_uppercase()),
        "?external_id=CRM%201".into(),
        "?external_id=CRM+1&external_system=salesforce".into(),
        "?email=J@B.ie".into(),
        "?phone=%2B353871234567".into(),
        "?phone=+353871234567".into(),
        "?phone=0871234567".into(),
    ];
    for query in queries {
        let answer = get(&stack, &tenant, &query);
        assert_eq!(
            (answer.status, answer.json["id"].as_str()),
            (200, Some(id.as_str())),
            "{query}"
        );
        let customer: Customer = serde_json::from_str(&answer.text()).unwrap();
        assert_eq!(customer.created_at, "2026-01-02T03:04:05.000000Z");
        assert_eq!(
            (customer.tags, &customer.custom_fields["n"]),
            (vec!["vip".into()], &json!(1.5))
        );
    }
}

#[test]
fn customer_get_refuses_callers_without_the_scope() {
    let (stack, tenant) = Stack::with_tenant();
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'messages:read' WHERE scopes <> 'admin'");
    assert_eq!(
        get(&stack, &tenant, "").refusal(),
        (403, "insufficient_scope")
    );
    let admin = Tenant {
        api_key: tenant.admin_key.clone(),
        ..tenant
    };
    assert_eq!(
        get(&stack, &admin, "").status,
        200,
        "admin implies every scope"
    );
}

#[test]
fn customer_get_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let cases = [
        ("?id=x&email=a@b.ie", "query"),
        ("?external_system=s", "query.external_system"),
        ("?email=nowhere", "query.email"),
        ("?phone=12", "query.phone"),
        ("?limit=0", "query.limit"),
        ("?limit=1001", "query.limit"),
        ("?limit=abc", "query.limit"),
        ("?cursor=abc", "query.cursor"),
        ("?name=John", "query.name"),
    ];
    for (query, path) in cases {
        let answer = get(&stack, &tenant, query);
        assert_eq!(
            (answer.refusal(), answer.detail().0),
            ((422, "invalid_request"), path),
            "{query}"
        );
    }
}

#[test]
fn what_is_not_there_is_404_and_so_is_what_is_anothers() {
    let (stack, tenant) = Stack::with_tenant();
    let id = john(&stack, &tenant);
    let other = stack.tenant("Other");
    for query in [
        "?id=1",
        "?external_id=nobody",
        "?email=n@b.ie",
        "?phone=0870000000",
    ] {
        assert_eq!(
            get(&stack, &tenant, query).refusal(),
            (404, "not_found"),
            "{query}"
        );
    }
    assert_eq!(get(&stack, &other, &format!("?id={id}")).status, 404);
    assert_eq!(get(&stack, &other, "?email=j@b.ie").status, 404);
    assert_eq!(erase(&stack, &other, &format!("?id={id}")).status, 404);
    assert_eq!(get(&stack, &tenant, &format!("?id={id}")).status, 200);
}

#[test]
fn an_external_id_of_two_customers_is_ambiguous_until_the_system_is_named() {
    let (stack, tenant) = Stack::with_tenant();
    seed(
        &stack,
        &tenant,
        json!([
            { "external_id": "7", "external_system": "a", "name": "A", "email": "a@b.ie" },
            { "external_id": "7", "external_system": "b", "name": "B", "email": "b@b.ie" }
        ]),
    );
    assert_eq!(
        get(&stack, &tenant, "?external_id=7").refusal(),
        (409, "ambiguous_external_id")
    );
    let named = get(&stack, &tenant, "?external_id=7&external_system=b");
    assert_eq!(named.json["name"], "B");
}

#[test]
fn an_id_of_chatwoot_is_never_meant_without_its_system() {
    let (stack, tenant) = Stack::with_tenant();
    let contact = json!({ "external_id": "46", "external_system": "chatwoot", "name": "A",
        "email": "a@b.ie" });
    seed(&stack, &tenant, json!([contact]));
    assert_eq!(get(&stack, &tenant, "?external_id=46").status, 404);
    seed(
        &stack,
        &tenant,
        json!([{ "external_id": "46", "name": "B", "email": "b@b.ie" }]),
    );
    assert_eq!(get(&stack, &tenant, "?external_id=46").json["name"], "B");
    let source = get(&stack, &tenant, "?external_id=46&external_system=chatwoot");
    assert_eq!(source.json["name"], "A");
    let one = json!([{ "external_id": "7", "name": "A", "email": "a@b.ie" }]);
    seed(&stack, &tenant, one);
    let crm = get(&stack, &tenant, "?external_id=7").json;
    assert_eq!(
        (
            &crm["name"],
            &crm["external_id"],
            &crm["other_external_ids"]
        ),
        (
            &json!("A"),
            &json!("7"),
            &json!([{ "external_id": "46", "external_system": "chatwoot" }])
        )
    );
    let other = "?external_id=47&external_system=chatwoot:9";
    seed(
        &stack,
        &tenant,
        json!([{ "external_id": "47", "name": "C", "email": "c@b.ie" }]),
    );
    assert_eq!(get(&stack, &tenant, other).status, 404);
}

#[test]
fn pages_give_every_customer_once_in_order() {
    let (stack, tenant) = Stack::with_tenant();
    let records: Vec<_> = (0..7)
        .map(|n| json!({ "name": n.to_string(), "email": format!("{n}@b.ie") }))
        .collect();
    seed(&stack, &tenant, json!(records));
    let mut names = Vec::new();
    let mut cursor = String::new();
    for has_more in [true, true, false] {
        let page = get(&stack, &tenant, &format!("?limit=3{cursor}"));
        names.extend(
            page.json["customers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["name"].clone()),
        );
        assert_eq!(page.json["has_more"], has_more);
        cursor = format!(
            "&cursor={}",
            page.json["next_cursor"].as_str().unwrap_or_default()
        );
    }
    assert_eq!(json!(names), json!(["0", "1", "2", "3", "4", "5", "6"]));
    let calls = stack.db.calls();
    get(&stack, &tenant, "");
    assert_eq!(
        stack.db.calls() - calls,
        1,
        "a key seen lately costs no call"
    );
}

#[test]
fn a_search_finds_by_the_beginnings_of_names_addresses_numbers_and_ids() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let records = json!([
        { "external_id": "CRM-7", "name": "Ann Annable", "email": "ann@b.ie", "phone": "+353871234567" },
        { "external_id": "X-1", "name": "Bob Byrne", "email": "bob@b.ie" },
    ]);
    seed(&stack, &tenant, records.clone());
    seed(&stack, &other, records);
    let found = |q: &str| {
        let page = get(&stack, &tenant, &format!("?search={q}"));
        assert_eq!((page.status, &page.json["has_more"]), (200, &json!(false)));
        let of = |c: &Value| c["name"].as_str().unwrap().to_owned();
        let customers = page.json["customers"].as_array().unwrap();
        customers.iter().map(of).collect::<Vec<_>>().join(",")
    };
    assert_eq!(found("ann@"), "Ann Annable");
    assert_eq!(found("%2B35387"), "Ann Annable");
    assert_eq!(found("CRM-7"), "Ann Annable");
    assert_eq!(found("bo"), "Bob Byrne");
    assert_eq!(
        found("b.ie"),
        "",
        "what stands further on is not looked for"
    );
    let both = get(&stack, &tenant, "?search=bob&email=bob@b.ie");
    assert_eq!(both.json["details"][0]["rule"], "at_most_one_key");
    for wrong in ["?search=%20", "?search=bob&limit=101"] {
        assert_eq!(get(&stack, &tenant, wrong).status, 422, "{wrong}");
    }
    let long = format!("?search={}", "x".repeat(201));
    assert_eq!(get(&stack, &tenant, &long).status, 422);
}

#[test]
fn customer_erase_answers_and_leaves_nothing_of_the_person() {
    let (stack, tenant) = Stack::with_tenant();
    let id = john(&stack, &tenant);
    let answer = erase(&stack, &tenant, &format!("?id={id}"));
    assert_eq!(
        (answer.status, &answer.json["success"]),
        (200, &json!(true))
    );
    for query in [
        format!("?id={id}"),
        "?email=j@b.ie".into(),
        "?external_id=CRM+1".into(),
    ] {
        assert_eq!(get(&stack, &tenant, &query).status, 404, "{query}");
    }
    assert_eq!(get(&stack, &tenant, "").json["customers"], json!([]));
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 404);
    assert!(stack.db.sql("SELECT * FROM identities").is_empty());
    let left = stack
        .db
        .sql("SELECT * FROM customers")
        .into_iter()
        .flatten();
    let texts: Vec<_> = left.filter_map(common::db::Value::into_text).collect();
    assert!(
        texts
            .iter()
            .all(|t| !t.contains("John") && !t.contains("j@b") && !t.contains("353"))
    );
    seed(
        &stack,
        &tenant,
        json!([{ "name": "Again", "email": "j@b.ie" }]),
    );
    assert_ne!(
        get(&stack, &tenant, "?email=j@b.ie").json["id"].as_str(),
        Some(id.as_str())
    );
}

#[test]
fn customer_erase_refuses_callers_that_may_only_read() {
    let (stack, tenant) = Stack::with_tenant();
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'customers:read' WHERE scopes <> 'admin'");
    let answer = erase(&stack, &tenant, "?id=1");
    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
    assert!(
        answer.json["error"]
            .as_str()
            .unwrap()
            .contains("customers:write")
    );
}

#[test]
fn customer_erase_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    assert_eq!(
        erase(&stack, &tenant, "").detail(),
        ("query.id", "required")
    );
    assert_eq!(erase(&stack, &tenant, "?id=1").status, 404);
}

#[test]
fn an_erased_persons_messages_say_nothing_and_their_files_are_gone() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "My secret");
    let id = stack
        .db
        .value("SELECT id FROM customers")
        .into_text()
        .unwrap();
    let business = &tenant.business_id;
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, created_at)
         SELECT '{business}', 'file', id, 'ready', 'passport.pdf', 'application/pdf', 0 FROM messages"
    ));
    stack.db.sql(&format!(
        "INSERT INTO identities VALUES ('{business}', 'whatsapp_user', 'US.1', '', '{id}')"
    ));
    // What endpoints were told of him, and what one answered; and what is nobody's.
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hook", &["*"]);
    stack
        .db
        .sql("UPDATE outbox SET body = '{\"content\":\"My secret\"}'");
    let other = stack.happened(
        &tenant,
        "customer.updated",
        "another",
        &serde_json::Value::Null,
    );
    stack.db.sql(&format!(
        "UPDATE outbox SET body = '{{}}' WHERE sequence = {other}"
    ));
    stack.db.sql(
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, created_at,
           updated_at)
         SELECT o.business_id, o.id, e.id, o.sequence, o.event, o.id, 0, 0
         FROM outbox o, webhook_endpoints e",
    );
    stack.db.sql(
        "INSERT INTO delivery_attempts (business_id, delivery_id, number, at, duration_ms,
           response_excerpt) SELECT business_id, id, 1, 0, 0, 'My secret' FROM deliveries",
    );
    let key = format!("{business}/file");
    stack
        .ports
        .blobs
        .borrow_mut()
        .insert(key, b"bytes".to_vec());
    let path = format!("/api-customers?id={id}");
    let answer = stack
        .call("customers", "DELETE", &path)
        .key(&tenant.api_key)
        .send(handle);
    assert_eq!(answer.status, 200);
    let left =
        "SELECT (SELECT group_concat(content) FROM messages) || (SELECT count(*) FROM messages)
      || (SELECT count(*) FROM attachments) || (SELECT count(*) FROM identities)";
    assert_eq!(stack.db.value(left), "100".into());
    assert!(stack.ports.blobs.borrow().is_empty());
    let sql = "SELECT group_concat(DISTINCT body) FROM outbox";
    assert_eq!(stack.db.value(sql), ",{}".into());
    let answered = "SELECT group_concat(sequence) FROM deliveries d
      JOIN delivery_attempts a ON a.delivery_id = d.id WHERE a.response_excerpt IS NOT NULL";
    assert_eq!(stack.db.value(answered), other.to_string().as_str().into());
}

#[test]
fn why_an_erased_person_was_escalated_is_forgotten_and_that_they_were_is_not() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1002");
    stack.receive_whatsapp("1002", "wamid.1", "353871234567", "Hello");
    let text = |sql: &str| stack.db.value(sql).into_text().unwrap_or_default();
    let body = serde_json::json!({
        "conversation_id": text("SELECT id FROM conversations"), "notify": false,
        "reason": "My secret", "note": "My secret",
    });
    let call = stack.call("escalate", "POST", "/api-escalate");
    let escalated = call.key(&tenant.api_key).json(&body).send(
        async |cx: &common::Context<'_>, request: common::http::Request| {
            let escalation = messaging::conversations::EscalationRequest::parse(request.text()?)?;
            messaging::conversations::conversation_escalate(cx, &escalation, None).await
        },
    );
    assert_eq!(escalated.status, 200);
    let id = text("SELECT id FROM customers");
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 200);
    let sql = text("SELECT group_concat(detail, '') FROM outbox");
    assert!(
        sql.contains("\"reason\":null") && !sql.contains("secret"),
        "{sql}"
    );
    let left = "SELECT (SELECT count(*) FROM escalations WHERE reason IS NULL) || ' '
      || (SELECT count(*) FROM conversation_notes)";
    assert_eq!(text(left), "1 0");
}
