use common::ports::Queue;
use customers_bulk_create::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

fn create(stack: &Stack, tenant: &Tenant, query: &str, records: Value) -> Answer {
    stack
        .call(
            "customers-bulk-create",
            "POST",
            &format!("/functions/v1/api-customers-bulk-create{query}"),
        )
        .key(&tenant.api_key)
        .json(&json!({ "customers": records }))
        .send(handle)
}

fn batch() -> Value {
    json!([
        { "external_id": "A", "name": "A", "email": "a@b.ie", "external_system": "salesforce", "tags": [] },
        { "external_id": "B", "name": "B" },
        { "external_id": "C", "name": "C", "phone": "087 123 4567" }
    ])
}

#[test]
fn customers_bulk_create_answers_with_the_mapping_and_the_failures() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = create(&stack, &tenant, "", batch());
    let counts = ["created", "updated", "failed"].map(|key| answer.json[key].as_u64().unwrap());
    assert_eq!(
        (answer.status, &answer.json["success"], counts),
        (200, &json!(true), [2, 0, 1])
    );
    let error = &answer.json["errors"][0];
    assert_eq!(
        (&error["index"], &error["external_id"], &error["code"]),
        (&json!(1), &json!("B"), &json!("invalid_record"))
    );
    let customers = answer.json["customers"].as_array().unwrap();
    let mapped: Vec<_> = customers
        .iter()
        .map(|c| (&c["index"], &c["external_id"], &c["action"]))
        .collect();
    assert_eq!(
        mapped,
        [
            (&json!(0), &json!("A"), &json!("created")),
            (&json!(2), &json!("C"), &json!("created"))
        ]
    );
    let again = create(&stack, &tenant, "", batch());
    assert_eq!(again.json["updated"], 2);
    assert_eq!(
        again.json["customers"][0]["customer_id"],
        customers[0]["customer_id"]
    );
}

#[test]
fn customers_bulk_create_refuses_callers_that_may_only_read() {
    let (stack, tenant) = Stack::with_tenant();
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'customers:read' WHERE scopes <> 'admin'");
    assert_eq!(
        create(&stack, &tenant, "", batch()).refusal(),
        (403, "insufficient_scope")
    );
}

#[test]
fn customers_bulk_create_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    assert_eq!(
        create(&stack, &tenant, "", json!([])).detail(),
        ("customers", "at_least_1")
    );
    assert_eq!(
        create(&stack, &tenant, "?on_conflict=merge", batch())
            .detail()
            .0,
        "query.on_conflict"
    );
}

#[test]
fn a_repeated_request_with_its_key_gets_the_first_answer() {
    let (stack, tenant) = Stack::with_tenant();
    let call = |key: &str, records: Value| {
        stack
            .call(
                "customers-bulk-create",
                "POST",
                "/api-customers-bulk-create",
            )
            .key(&tenant.api_key)
            .header("idempotency-key", key)
            .json(&json!({ "customers": records }))
            .send(handle)
    };
    let first = call("import-1", batch());
    let replayed = call("import-1", batch());
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!((replayed.status, replayed.text()), (200, first.text()));
    let other = call("import-1", json!([{ "name": "x", "email": "x@b.ie" }]));
    assert_eq!(other.refusal(), (422, "idempotency_key_reused"));
    assert_eq!(call("import-2", batch()).json["updated"], 2);
    for bad in ["", "with space", &"k".repeat(256)] {
        assert_eq!(call(bad, batch()).detail().0, "idempotency-key", "{bad}");
    }
}

#[test]
fn a_refusal_is_not_stored_so_the_mended_request_may_use_its_key() {
    let (stack, tenant) = Stack::with_tenant();
    let call = |body: &str| {
        stack
            .call(
                "customers-bulk-create",
                "POST",
                "/api-customers-bulk-create",
            )
            .key(&tenant.api_key)
            .header("idempotency-key", "k")
            .body(body)
            .send(handle)
    };
    assert_eq!(call("{}").status, 422);
    let mended = r#"{"customers":[{"name":"A","email":"a@b.ie"}]}"#;
    assert_eq!(call(mended).json["created"], 1);
}

#[test]
fn a_key_is_held_while_its_request_runs_and_freed_when_it_died_or_grew_old() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || {
        stack
            .call(
                "customers-bulk-create",
                "POST",
                "/api-customers-bulk-create",
            )
            .key(&tenant.api_key)
            .header("idempotency-key", "k")
            .json(&json!({ "customers": batch() }))
            .send(handle)
    };
    call();
    stack
        .db
        .sql("UPDATE idempotency SET status = NULL, response = NULL");
    assert_eq!(call().refusal(), (409, "idempotency_in_progress"));
    stack.advance(61_000_000);
    assert_eq!(
        call().json["updated"],
        2,
        "the request that held the key is dead"
    );
    assert_eq!(call().header("idempotent-replayed"), Some("true"));
    stack.advance(86_400_000_000);
    assert_eq!(
        call().header("idempotent-replayed"),
        None,
        "a day later the key is new"
    );
}

#[test]
fn a_key_of_one_business_is_not_anothers() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    for who in [&tenant, &other] {
        let answer = stack
            .call(
                "customers-bulk-create",
                "POST",
                "/api-customers-bulk-create",
            )
            .key(&who.api_key)
            .header("idempotency-key", "k")
            .json(&json!({ "customers": batch() }))
            .send(handle);
        assert_eq!(answer.json["created"], 2);
    }
}

#[test]
fn whoever_listens_is_told_of_an_import() {
    let (stack, tenant) = Stack::with_tenant();
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hooks", &["*"]);
    let _made = stack.ports.take_wakes(Queue::Events);
    create(&stack, &tenant, "", batch());
    let woken = stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken, [(tenant.business_id, 0)]);
}

#[test]
fn a_lost_race_is_run_again() {
    let (stack, tenant) = Stack::with_tenant();
    let (others, other) = (stack.clone(), tenant.clone());
    stack.db.before_next_batch(move || {
        create(&others, &other, "", batch());
    });
    let answer = create(&stack, &tenant, "", batch());
    assert_eq!(
        (&answer.json["created"], &answer.json["updated"]),
        (&json!(0), &json!(2))
    );
}
