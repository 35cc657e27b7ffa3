use common::Context;
use common::http::{Request, Response};
use customer::{SyncOptions, customers_sync, parse_batch};
use customers_batch_lookup::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

fn lookup(stack: &Stack, tenant: &Tenant, body: &Value) -> Answer {
    stack
        .call(
            "customers-batch-lookup",
            "POST",
            "/functions/v1/api-customers-batch-lookup",
        )
        .key(&tenant.api_key)
        .json(body)
        .send(handle)
}

fn with_customers(count: usize) -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let record = |n: usize| {
        json!({
            "external_id": format!("C{n}"), "name": format!("N{n}"), "email": format!("c{n}@b.ie"),
            "phone": format!("+35387{n:07}"), "notes": "n".repeat(2_500)
        })
    };
    let records: Vec<_> = (0..count).map(record).collect();
    let answer = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key)
        .json(&json!({ "customers": records }))
        .send(async |cx: &Context<'_>, request: Request| {
            customers_sync(cx, &parse_batch(&request)?, SyncOptions::default()).await?;
            Ok(Response::empty(200))
        });
    assert_eq!(answer.status, 200);
    (stack, tenant)
}

#[test]
fn customers_lookup_answers_with_each_customer_once_and_what_was_not_found_as_asked() {
    let (stack, tenant) = with_customers(3);
    let first = lookup(&stack, &tenant, &json!({ "emails": ["c0@b.ie"] }));
    let id = first.json["customers"][0]["id"].as_str().unwrap();
    let answer = lookup(
        &stack,
        &tenant,
        &json!({
            "ids": [id, "01920000-0000-7000-8000-000000000000", "none"],
            "external_ids": ["C0", "C1", "gone"],
            "emails": ["C1@B.ie", "not an address"],
            "phones": ["087 0000002", "bad"]
        }),
    );
    let customers = answer.json["customers"].as_array().unwrap();
    let mut names: Vec<_> = customers
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["N0", "N1", "N2"]);
    assert_eq!(
        answer.json["not_found"],
        json!({
            "ids": ["01920000-0000-7000-8000-000000000000", "none"],
            "external_ids": ["gone"], "emails": ["not an address"], "phones": ["bad"]
        })
    );
}

#[test]
fn many_are_found_in_one_call_and_more_than_fits_a_value_in_a_second_one() {
    let (stack, tenant) = with_customers(1000);
    lookup(&stack, &tenant, &json!({ "external_ids": ["x"] }));
    for (count, expected) in [(500, 1), (1000, 2)] {
        let ids: Vec<_> = (0..count).map(|n| format!("C{n}")).collect();
        let calls = stack.db.calls();
        let answer = lookup(&stack, &tenant, &json!({ "external_ids": ids }));
        assert_eq!(answer.json["customers"].as_array().unwrap().len(), count);
        assert_eq!(stack.db.calls() - calls, expected);
    }
}

#[test]
fn customers_lookup_refuses_callers_without_a_key() {
    let (stack, _) = Stack::with_tenant();
    let call = stack.call(
        "customers-batch-lookup",
        "POST",
        "/api-customers-batch-lookup",
    );
    assert_eq!(
        call.json(&json!({ "ids": ["x"] })).send(handle).refusal(),
        (401, "missing_api_key")
    );
}

#[test]
fn customers_lookup_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let cases = [
        (json!({}), "invalid_request"),
        (json!({ "ids": [] }), "invalid_request"),
        (json!({ "ids": "x" }), "invalid_request"),
        (json!({ "ids": [1] }), "invalid_request"),
        (json!({ "names": ["x"] }), "invalid_request"),
        (
            json!({ "ids": vec!["x"; 600], "emails": vec!["y"; 401] }),
            "too_many_records",
        ),
    ];
    for (body, code) in cases {
        assert_eq!(
            lookup(&stack, &tenant, &body).refusal(),
            (422, code),
            "{code}"
        );
    }
    let call = stack.call(
        "customers-batch-lookup",
        "POST",
        "/api-customers-batch-lookup",
    );
    assert_eq!(
        call.key(&tenant.api_key).body("{").send(handle).refusal(),
        (400, "malformed_json")
    );
}

#[test]
fn customers_of_another_business_are_not_found() {
    let (stack, tenant) = with_customers(1);
    let other = stack.tenant("Other");
    let id = lookup(&stack, &tenant, &json!({ "external_ids": ["C0"] })).json["customers"][0]["id"]
        .clone();
    let answer = lookup(
        &stack,
        &other,
        &json!({ "ids": [id], "external_ids": ["C0"] }),
    );
    assert_eq!(answer.json["customers"], json!([]));
}
