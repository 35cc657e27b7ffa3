mod matching;
mod once;
mod races;
mod repeats;

use customers_sync::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

fn sync_with(stack: &Stack, tenant: &Tenant, query: &str, records: Value) -> Answer {
    stack
        .call(
            "customers-sync",
            "POST",
            &format!("/functions/v1/api-customers-sync{query}"),
        )
        .key(&tenant.api_key)
        .json(&json!({ "customers": records }))
        .send(handle)
}

fn sync(stack: &Stack, tenant: &Tenant, records: Value) -> Answer {
    sync_with(stack, tenant, "", records)
}

fn details(answer: &Answer) -> &Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["results"]["details"].as_array().unwrap()
}

fn count(stack: &Stack, sql: &str) -> i64 {
    stack.db.value(sql).as_integer().unwrap()
}

fn events(stack: &Stack) -> Vec<String> {
    let rows = stack.db.sql("SELECT event FROM outbox ORDER BY sequence");
    rows.into_iter()
        .flatten()
        .filter_map(common::db::Value::into_text)
        .collect()
}

fn john() -> Value {
    json!({
        "external_id": "CRM-12345", "name": "John Doe", "email": "John@Example.com ",
        "phone": "+353 87 123 4567", "tags": ["vip", "vip", " new "],
        "custom_fields": { "segment": "enterprise", "value": 50000.5 }
    })
}

#[test]
fn customers_sync_answers_as_the_guide_prints_it() {
    let (stack, tenant) = Stack::with_listener();
    let first = sync(&stack, &tenant, json!([john()]));
    let detail = &details(&first)[0];
    assert_eq!(first.json["success"], true);
    assert_eq!(first.json["results"]["created"], 1);
    assert_eq!(detail["external_id"], "CRM-12345");
    assert_eq!(
        (&detail["action"], &detail["matched_by"]),
        (&json!("created"), &Value::Null)
    );
    let again = sync(
        &stack,
        &tenant,
        json!([{ "email": "john@example.com", "notes": "VIP" }]),
    );
    let updated = &details(&again)[0];
    assert_eq!(
        (&updated["action"], &updated["matched_by"]),
        (&json!("updated"), &json!("email"))
    );
    assert_eq!(updated["customer_id"], detail["customer_id"]);
    assert_eq!(events(&stack), ["customer.created", "customer.updated"]);
}

#[test]
fn customers_sync_refuses_callers_without_a_key_that_may_write() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || {
        stack
            .call("customers-sync", "POST", "/api-customers-sync")
            .json(&json!({}))
    };
    let other = tenant
        .api_key
        .replace(&tenant.api_key[30..40], "0000000000");
    assert_eq!(call().send(handle).refusal(), (401, "missing_api_key"));
    for bad in ["", "nonsense", "tl_x_y", &other] {
        assert_eq!(
            call().key(bad).send(handle).refusal(),
            (401, "invalid_api_key"),
            "{bad}"
        );
    }
}

#[test]
fn customers_sync_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let deep = format!(
        "{{\"customers\":[{}{}]}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let many = json!({ "customers": vec![json!({}); 1001] }).to_string();
    let cases: [(&[u8], u16, &str); 14] = [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"name=John", 400, "malformed_json"),
        (
            b"{\"customers\":[{\"name\":\"\xff\"}]}",
            400,
            "malformed_json",
        ),
        (
            br#"{"customers":[{"name":"\ud800"}]}"#,
            400,
            "malformed_json",
        ),
        (
            br#"{"customers":[{"name":"x","score":1e999}]}"#,
            400,
            "malformed_json",
        ),
        (deep.as_bytes(), 400, "malformed_json"),
        (b"{}", 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (br#"{"customers":[]}"#, 422, "invalid_request"),
        (br#"{"customers":{}}"#, 422, "invalid_request"),
        (br#"{"customers":"all"}"#, 422, "invalid_request"),
        (br#"{"customers":null}"#, 422, "invalid_request"),
        (many.as_bytes(), 422, "too_many_records"),
    ];
    for (body, status, code) in cases {
        let call = stack
            .call("customers-sync", "POST", "/api-customers-sync")
            .key(&tenant.api_key);
        let answer = call.body(body).send(handle);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(
            answer.refusal(),
            (status, code),
            "{shown}: {}",
            answer.text()
        );
    }
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 0);
}

#[test]
fn custom_fields_that_no_json_reader_takes_make_the_body_malformed_and_write_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    for bad in [r#"{"n":1e400}"#, r#"{"n":"\ud83d"}"#] {
        let body = format!(
            r#"{{"customers":[{{"name":"A","email":"a@b.ie"}},{{"name":"B","email":"b@b.ie","custom_fields":{bad}}}]}}"#
        );
        let call = stack
            .call("customers-sync", "POST", "/api-customers-sync")
            .key(&tenant.api_key);
        assert_eq!(
            call.body(body).send(handle).refusal(),
            (400, "malformed_json"),
            "{bad}"
        );
    }
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 0);
}

#[test]
fn a_bad_record_fails_alone_with_its_reason() {
    let (stack, tenant) = Stack::with_tenant();
    let long = "x".repeat(10_001);
    let answer = sync(
        &stack,
        &tenant,
        json!([
            john(),
            { "external_id": 7, "email": "a@b.ie" },
            { "name": 5, "email": "b@b.ie" },
            { "name": "No contact", "external_id": "n" },
            { "name": "Nobody" },
            { "name": "Bad email", "email": "nowhere" },
            { "name": "Bad phone", "phone": "12" },
            { "name": "Long", "email": "l@b.ie", "notes": long },
            { "name": "Tags", "email": "t@b.ie", "tags": "vip" },
            { "name": "Fields", "email": "f@b.ie", "custom_fields": [] },
            "a text", 5, null, [], true,
            { "name": "Last", "email": "last@b.ie" }
        ]),
    );
    let details = details(&answer);
    let outcome: Vec<_> = details
        .iter()
        .map(|d| d["action"].as_str().unwrap())
        .collect();
    assert_eq!(outcome[0], "created");
    assert_eq!(outcome[15], "created");
    for detail in &details[1..15] {
        assert_eq!(detail["action"], "failed", "{detail}");
        assert_eq!(detail["code"], "invalid_record", "{detail}");
        assert!(detail["error"].as_str().unwrap().len() > 20, "{detail}");
    }
    assert_eq!(details[1]["external_id"], "7");
    assert_eq!(answer.json["results"]["failed"], 14);
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 2);
}

#[test]
fn a_record_that_changes_nothing_says_so_and_raises_no_event() {
    let (stack, tenant) = Stack::with_listener();
    sync(&stack, &tenant, json!([john()]));
    let calls = stack.db.calls();
    let again = sync(&stack, &tenant, json!([john()]));
    assert_eq!(details(&again)[0]["changed"], false);
    assert_eq!(details(&again)[0]["matched_by"], "external_id");
    assert_eq!(
        stack.db.calls() - calls,
        1,
        "one read tells that there is nothing to write"
    );
    // The same customer in other words, which no fingerprint can know.
    let other = sync(
        &stack,
        &tenant,
        json!([{ "phone": "087 123 4567", "name": "John Doe" }]),
    );
    assert_eq!(details(&other)[0]["changed"], false);
    assert_eq!(events(&stack), ["customer.created"]);
}

#[test]
fn a_thousand_new_customers_cost_one_read_and_one_write() {
    let (stack, tenant) = Stack::with_listener();
    let records: Vec<_> = (0..1000)
        .map(|n| json!({ "external_id": format!("C{n}"), "name": "N", "email": format!("c{n}@b.ie") }))
        .collect();
    sync(&stack, &tenant, json!([]));
    let calls = stack.db.calls();
    let answer = sync(&stack, &tenant, json!(records));
    assert_eq!(answer.json["results"]["created"], 1000);
    assert_eq!(stack.db.calls() - calls, 2);
    assert_eq!(count(&stack, "SELECT count(*) FROM identities"), 2000);
    let sequences = "SELECT count(DISTINCT sequence) * 1000 + count(DISTINCT id) FROM outbox";
    assert_eq!(count(&stack, sequences), 1_001_000);
}

#[test]
fn absent_keeps_null_clears_tags_replace_and_custom_fields_merge() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let patch = json!([{
        "external_id": "CRM-12345", "phone": null, "tags": ["old"],
        "custom_fields": { "segment": null, "added": { "deep": [1, 2] } }
    }]);
    assert_eq!(details(&sync(&stack, &tenant, patch))[0]["changed"], true);
    let row = &stack
        .db
        .sql("SELECT name, email, phone, tags, custom_fields FROM customers")[0];
    let texts: Vec<_> = row.iter().map(|value| value.as_text()).collect();
    assert_eq!(
        texts,
        [
            Some("John Doe"),
            Some("john@example.com"),
            None,
            Some(r#"["old"]"#),
            Some(r#"{"added":{"deep":[1,2]},"value":50000.5}"#),
        ]
    );
}

#[test]
fn a_misspelt_field_is_named_in_the_answer() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = sync(
        &stack,
        &tenant,
        json!([{ "name": "N", "email": "a@b.ie", "emial": "x" }]),
    );
    assert_eq!(details(&answer)[0]["ignored_fields"], json!(["emial"]));
    assert_eq!(details(&answer)[0]["action"], "created");
}

#[test]
fn a_dry_run_answers_the_same_and_writes_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    let dry = sync_with(
        &stack,
        &tenant,
        "?dry_run=true",
        json!([john(), { "name": "x" }]),
    );
    assert_eq!(details(&dry)[0]["action"], "created");
    assert_eq!(details(&dry)[0]["customer_id"], Value::Null);
    assert_eq!(details(&dry)[1]["action"], "failed");
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 0);
}

#[test]
fn unknown_parameters_methods_and_content_types_are_refused() {
    let (stack, tenant) = Stack::with_tenant();
    let call = |method, target| {
        stack
            .call("customers-sync", method, target)
            .key(&tenant.api_key)
    };
    let answer = call("POST", "/api-customers-sync?dryrun=true")
        .json(&json!({}))
        .send(handle);
    assert_eq!(
        (answer.refusal(), answer.detail().0),
        ((422, "invalid_request"), "query.dryrun")
    );
    let answer = call("POST", "/api-customers-sync?dry_run=yes")
        .json(&json!({}))
        .send(handle);
    assert_eq!(answer.detail(), ("query.dry_run", "boolean"));
    let answer = call("GET", "/api-customers-sync").send(handle);
    assert_eq!(
        (answer.refusal(), answer.header("allow")),
        ((405, "method_not_allowed"), Some("POST"))
    );
    let answer = call("POST", "/api-customers-sync")
        .json(&json!({}))
        .header("content-type", "text/plain");
    assert_eq!(
        answer.send(handle).refusal(),
        (415, "unsupported_media_type")
    );
}

#[test]
fn a_body_past_the_cap_is_refused_and_not_kept() {
    let (stack, tenant) = Stack::with_tenant();
    let piece = || Ok(vec![b' '; 1024 * 1024]);
    let call = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key);
    let answer = call.chunks((0..6).map(|_| piece()).collect()).send(handle);
    assert_eq!(answer.refusal(), (413, "body_too_large"));
    let call = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key);
    let answer = call.chunks(vec![piece(), Err("reset".into())]).send(handle);
    assert_eq!(answer.refusal(), (400, "malformed_request"));
}

#[test]
fn a_log_line_tells_what_happened_and_nothing_of_anybody() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = sync(&stack, &tenant, json!([john()]));
    assert_eq!(answer.log["operation"], "customers_sync");
    assert_eq!(answer.log["business_id"], tenant.business_id.as_str());
    assert_eq!(
        answer.header("x-request-id"),
        answer.log["request_id"].as_str()
    );
    let line = answer.log.to_string();
    for secret in ["john", "353", &tenant.api_key[24..]] {
        assert!(!line.to_lowercase().contains(secret), "{line}");
    }
}

#[test]
fn a_batch_larger_than_a_parameter_is_written_whole() {
    let (stack, tenant) = Stack::with_tenant();
    let notes = "n".repeat(4_800);
    let records: Vec<_> = (0..900)
        .map(|n| json!({ "name": "N", "email": format!("c{n}@b.ie"), "notes": notes }))
        .collect();
    let answer = sync(&stack, &tenant, json!(records));
    assert_eq!(answer.json["results"]["created"], 900);
    assert_eq!(
        count(&stack, "SELECT sum(length(notes)) FROM customers"),
        900 * 4_800
    );
}

#[test]
fn which_records_of_crms_somebody_is_can_be_imported_and_changed_one_by_one() {
    let (stack, tenant) = Stack::with_tenant();
    let sent = |ids: Value| json!([{ "external_id": "c1", "name": "Ann", "email": "ann@example.com", "crm_ids": ids }]);
    let shown = |answer: &Answer| {
        details(answer);
        stack.db.value("SELECT crm_ids FROM customers")
    };
    let first = sync(
        &stack,
        &tenant,
        sent(json!(" example:person:1|example:lead:2 ")),
    );
    assert_eq!(shown(&first), "example:person:1|example:lead:2".into());
    let lead = sync(
        &stack,
        &tenant,
        sent(json!("example:lead:3|other:customer:9")),
    );
    let both = "example:person:1|example:lead:3|other:customer:9";
    assert_eq!(shown(&lead), both.into());
    let another = sync(
        &stack,
        &tenant,
        json!([{ "external_id": "c1", "name": "Anna" }]),
    );
    assert_eq!(shown(&another), both.into());
    for wrong in [
        json!("example"),
        json!(7),
        json!("Example:person:1"),
        json!("a:b:c d"),
    ] {
        let answer = sync(&stack, &tenant, sent(wrong));
        let detail = &details(&answer)[0];
        assert_eq!(detail["action"], "failed", "{detail}");
        assert!(
            detail["error"].as_str().unwrap().contains("`crm_ids`"),
            "{detail}"
        );
    }
    let cleared = sync(&stack, &tenant, sent(Value::Null));
    assert_eq!(shown(&cleared), common::db::Value::Null);
}
