use apply_customers::handler::run;
use common::Context;
use common::db::{DbError, Value};
use common::ids::CustomerId;
use common::ports::Queue;
use customer::{applied, changes_applied, phone_normalised};
use serde_json::{Value as Json, json};
use testkit::{Failure, Stack, Tenant};

/// What a call comes to: what it tells, or the code of its failure, which the log line has.
fn call(stack: &Stack, body: &[u8]) -> Result<Json, String> {
    let mut response = String::new();
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        response = run(cx, "", body).await?;
        Ok(())
    });
    match log["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(serde_json::from_str(&response).unwrap()),
    }
}

fn apply(stack: &Stack, tenant: &Tenant, record: &Json) -> Result<Json, String> {
    call(
        stack,
        body_of(&tenant.business_id, &record.to_string()).as_bytes(),
    )
    .map(|response| response["refusal"].clone())
}

fn body_of(business_id: &str, record: &str) -> String {
    json!({"version": 1, "business_id": business_id, "record": record}).to_string()
}

fn texts(stack: &Stack, sql: &str) -> Vec<String> {
    let values = stack.db.sql(sql).into_iter().flatten();
    values.filter_map(Value::into_text).collect()
}

const EVENTS: &str = "SELECT event FROM outbox ORDER BY sequence";

#[test]
fn a_record_is_applied_as_the_sync_does_and_told_to_the_business() {
    let (stack, tenant) = Stack::with_tenant();
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hooks", &["*"]);
    let joe = json!({ "external_id": "CRM-1", "name": "Joe", "email": "JOE@example.com" });
    assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
    let record = json!({ "email": "joe@example.com", "phone": "087 123 4567",
        "custom_fields": { "tier": "gold" } });
    assert_eq!(apply(&stack, &tenant, &record), Ok(Json::Null));
    let row = "SELECT name || '|' || email || '|' || phone || '|' || custom_fields FROM customers";
    // As it is dialled in Ireland, where the business is.
    let expected = "Joe|joe@example.com|+353871234567|{\"tier\":\"gold\"}";
    assert_eq!(texts(&stack, row), [expected]);
    assert_eq!(
        texts(&stack, EVENTS),
        ["customer.created", "customer.updated"]
    );
    let wakes = stack.ports.take_wakes(Queue::Events);
    assert!(
        wakes
            .iter()
            .all(|wake| *wake == (tenant.business_id.clone(), 0))
    );
    assert!(!wakes.is_empty());
}

#[test]
fn what_is_the_same_raises_nothing() {
    let (stack, tenant) = Stack::with_listener();
    let joe = json!({ "external_id": "CRM-1", "name": "Joe", "email": "joe@example.com" });
    for _ in 0..2 {
        assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
    }
    assert_eq!(texts(&stack, EVENTS), ["customer.created"]);
}

#[test]
fn a_record_that_cannot_be_applied_is_told_why() {
    let (stack, tenant) = Stack::with_listener();
    for (id, email) in [("1", "a@example.com"), ("2", "b@example.com")] {
        let one = json!({ "external_id": id, "name": "Joe", "email": email });
        assert_eq!(apply(&stack, &tenant, &one), Ok(Json::Null));
    }
    for record in [
        json!({ "external_id": "1", "email": "b@example.com" }),
        json!({ "external_id": "3", "email": "nobody" }),
        json!({ "external_id": "3", "phone": "+3538712345670000000", "name": "Jim" }),
        json!({ "name": "Nobody" }),
        json!({}),
        json!(null),
        json!([1]),
        json!("x"),
    ] {
        let response = apply(&stack, &tenant, &record).unwrap();
        assert!(
            response.as_str().is_some_and(|why| !why.is_empty()),
            "{record}: {response}"
        );
    }
    assert_eq!(texts(&stack, EVENTS).len(), 2);
}

#[test]
fn only_the_business_that_is_named_is_touched() {
    let (stack, tenant) = Stack::with_listener();
    let other = stack.tenant("Another business");
    stack.listen(&other);
    let joe = json!({ "external_id": "CRM-1", "name": "Joe", "email": "joe@example.com" });
    assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
    let jim = json!({ "external_id": "CRM-1", "name": "Jim", "email": "jim@example.com" });
    assert_eq!(apply(&stack, &other, &jim), Ok(Json::Null));
    let row = "SELECT name FROM customers ORDER BY name DESC";
    assert_eq!(texts(&stack, row), ["Joe", "Jim"]);
    let owners = "SELECT DISTINCT business_id FROM outbox ORDER BY business_id";
    assert_eq!(texts(&stack, owners).len(), 2);
}

#[test]
fn changes_are_those_of_the_customer_who_is_named() {
    let (stack, tenant) = Stack::with_listener();
    for (name, email) in [("Joe", "joe@exmple.com"), ("Jim", "jim@example.com")] {
        let one = json!({ "name": name, "email": email });
        assert_eq!(apply(&stack, &tenant, &one), Ok(Json::Null));
    }
    let joe = stack
        .db
        .value("SELECT id FROM customers WHERE name = 'Joe'");
    let joe = joe.as_text().unwrap().to_owned();
    let change = |tenant: &Tenant, customer: &str, changes: &Json| {
        let mut refusal = None;
        stack.job("", async |cx: &Context<'_>, _: &str| {
            let business = cx.of_business(&tenant.business_id);
            let customer = CustomerId::unchecked(customer);
            refusal = changes_applied(&business, &customer, &changes.to_string()).await?;
            Ok(())
        });
        refusal
    };
    assert_eq!(change(&tenant, &joe, &json!({ "name": "Joseph" })), None);
    let corrected = json!({ "email": "JOE@example.com", "phone": "087 123 4567" });
    // Once more changes nothing.
    for _ in 0..2 {
        assert_eq!(change(&tenant, &joe, &corrected), None);
    }
    let rows =
        "SELECT name || '|' || email || '|' || coalesce(phone, '') FROM customers ORDER BY name";
    let expected = [
        "Jim|jim@example.com|",
        "Joseph|joe@example.com|+353871234567",
    ];
    assert_eq!(texts(&stack, rows), expected);
    let emails = "SELECT value FROM identities WHERE kind = 'email' ORDER BY value";
    assert_eq!(
        texts(&stack, emails),
        ["jim@example.com", "joe@example.com"]
    );
    assert_eq!(texts(&stack, EVENTS).len(), 4);
    // What is somebody else's, who is nobody, and who is another business's.
    let other = stack.tenant("Another business");
    let taken = json!({ "name": "Jim", "email": "jim@example.com" });
    let nobody = "01900000-0000-7000-8000-00000000000a";
    assert!(change(&tenant, &joe, &taken).is_some());
    assert!(change(&tenant, nobody, &corrected).is_some());
    assert!(change(&other, &joe, &json!({ "name": "Jack" })).is_some());
    assert_eq!(texts(&stack, rows), expected);
}

#[test]
fn what_no_function_of_ours_asks_for_is_refused() {
    let (stack, tenant) = Stack::with_tenant();
    let business = &tenant.business_id;
    let other_version = body_of(business, "{}").replace("1", "2");
    let bodies: [&[u8]; 8] = [
        b"",
        b"null",
        b"{}",
        b"[]",
        b"[1,2]",
        b"[\"a\"]",
        b"\xff\xfe",
        other_version.as_bytes(),
    ];
    for body in bodies {
        let refused = call(&stack, body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(refused, Err("malformed_json".into()), "{shown}");
    }
    // A record that breaks out of its place, and a business that there is none of.
    for body in [body_of(business, "}]}"), body_of("nobody", "{}")] {
        let refused = call(&stack, body.as_bytes());
        assert_eq!(refused, Err("malformed_json".into()), "{body}");
    }
}

#[test]
fn with_the_database_away_nothing_is_half_done_and_it_can_be_asked_again() {
    let joe = json!({ "external_id": "CRM-1", "name": "Joe", "email": "joe@example.com" });
    let failures: [fn(DbError) -> Failure; 2] = [Failure::Before, Failure::After];
    for failure in failures {
        let away = || failure(DbError::Outage("away".into()));
        for calls in 0..2 {
            let (stack, tenant) = Stack::with_listener();
            stack.db.fail_after(calls, away());
            let response = apply(&stack, &tenant, &joe);
            assert_eq!(response, Err("unavailable".into()), "{calls}");
            assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
            assert_eq!(texts(&stack, EVENTS), ["customer.created"]);
            assert_eq!(texts(&stack, "SELECT name FROM customers"), ["Joe"]);
        }
        let renamed = json!({ "external_id": "CRM-1", "name": "Joseph" });
        for calls in 0..3 {
            let (stack, tenant) = Stack::with_listener();
            assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
            stack.db.fail_after(calls, away());
            let response = apply(&stack, &tenant, &renamed);
            assert_eq!(response, Err("unavailable".into()), "{calls}");
            assert_eq!(apply(&stack, &tenant, &renamed), Ok(Json::Null));
            assert_eq!(
                texts(&stack, EVENTS),
                ["customer.created", "customer.updated"]
            );
            assert_eq!(texts(&stack, "SELECT name FROM customers"), ["Joseph"]);
        }
    }
}

#[test]
fn whoever_asks_by_name_is_told_the_same() {
    let (stack, tenant) = Stack::with_tenant();
    let mut response = Vec::new();
    stack.job("", async |cx: &Context<'_>, _: &str| {
        let business = cx.of_business(&tenant.business_id);
        for record in [
            "{\"name\":\"Joe\",\"email\":\"joe@example.com\"}",
            "{\"email\":\"x\"}",
        ] {
            response.push(applied(&business, record).await?);
        }
        Ok(())
    });
    assert_eq!(response[0], None);
    assert!(response[1].is_some());
    assert_eq!(texts(&stack, "SELECT name FROM customers"), ["Joe"]);
}

#[test]
fn a_number_is_read_as_it_is_dialled_where_the_business_is() {
    let (stack, tenant) = Stack::with_tenant();
    let calls = stack.db.calls();
    let mut read = Vec::new();
    stack.job("", async |cx: &Context<'_>, _: &str| {
        for (region, number) in [
            ("IE", "087 123 4567"),
            ("GB", "020 7946 0958"),
            ("IE", "+44 (0)20 7946 0958"),
            ("ZZ", "020 7946 0958"),
            ("", "020 7946 0958"),
            ("IE", "no"),
            ("IE", ""),
            // Needs nobody.
            ("ZZ", "+353 87 123 4567"),
        ] {
            let mut business = cx.of_business(&tenant.business_id);
            business.caller.default_region = region.to_owned();
            read.push(phone_normalised(&business, number).await?);
        }
        Ok(())
    });
    let irish = || Some("+353871234567".to_owned());
    let british = || Some("+442079460958".to_owned());
    assert_eq!(
        read,
        [
            irish(),
            british(),
            british(),
            None,
            None,
            None,
            None,
            irish()
        ]
    );
    assert_eq!(stack.db.calls(), calls);
    let logs = stack.ports.call_logs.take();
    assert_eq!(logs.len(), 7);
    assert!(logs.iter().all(|log| !log.to_string().contains("7946")));
}

#[test]
fn a_number_of_another_version_or_shape_is_refused() {
    let stack = Stack::new();
    for body in [
        json!({ "version": 2, "phone": "1", "region": "IE" }),
        json!({ "version": 1, "phone": "1" }),
        json!({ "version": 1, "business_id": "b", "record": "{}" }),
    ] {
        let body = body.to_string();
        let answer = stack.answer_call("apply-customers", "normalise_phone", body.as_bytes(), run);
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[test]
fn a_lost_race_is_run_again() {
    let (stack, tenant) = Stack::with_listener();
    let joe = json!({ "external_id": "CRM-1", "name": "Joe", "email": "joe@example.com" });
    assert_eq!(apply(&stack, &tenant, &joe), Ok(Json::Null));
    let renamed = json!({ "external_id": "CRM-1", "name": "Joseph" });
    let (others, other, record) = (stack.clone(), tenant.clone(), renamed.clone());
    stack.db.before_next_batch(move || {
        assert_eq!(apply(&others, &other, &record), Ok(Json::Null));
    });
    let body = body_of(&tenant.business_id, &renamed.to_string());
    let answer = stack.answer_call("apply-customers", "", body.as_bytes(), {
        async |cx: &Context<'_>, _: &str, body: &[u8]| run(cx, "", body).await
    });
    assert_eq!(answer.status, 200);
    assert_eq!(
        texts(&stack, EVENTS),
        ["customer.created", "customer.updated"]
    );
}
