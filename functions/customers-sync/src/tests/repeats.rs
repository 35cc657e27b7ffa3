//! A CRM that sends all that it has, again and again: its batches are looked through for repetitions first.

use super::{count, details, events, handle, sync};
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

/// Records named by an id, by one with its system, by an address, by a number, and with an id that has an escape.
fn records(version: usize) -> Vec<Value> {
    let record = |n: usize| {
        let mut record = json!({ "name": "N", "email": format!("C{n}@B.ie"), "phone": format!("087 123 4{n:03}") });
        match n % 5 {
            0 => record["external_id"] = json!(format!("C{n}")),
            1 => {
                record["external_id"] = json!(n);
                record["external_system"] = json!("hubspot");
            }
            2 => record["external_id"] = json!(format!(" C\"{n}")),
            3 => record["email"] = Value::Null,
            _ => record["unknown"] = json!(version),
        }
        record
    };
    (0..40).map(record).collect()
}

/// A business that has sent its records twice, so that the third time they are taken for repetitions.
fn repeating() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    for _ in 0..2 {
        sync(&stack, &tenant, json!(records(0)));
    }
    (stack, tenant)
}

fn counted(stack: &Stack, tenant: &Tenant, records: &[Value]) -> (Answer, usize) {
    let calls = stack.db.calls();
    let answer = sync(stack, tenant, json!(records));
    (answer, stack.db.calls() - calls)
}

#[test]
fn what_repeats_is_answered_as_before_after_one_short_read() {
    let (stack, tenant) = Stack::with_listener();
    sync(&stack, &tenant, json!(records(0)));
    let first = sync(&stack, &tenant, json!(records(0)));
    let (again, calls) = counted(&stack, &tenant, &records(1));
    assert_eq!(again.json, first.json);
    assert_eq!(calls, 1);
    assert_eq!(details(&again)[0]["matched_by"], "external_id");
    assert_eq!(details(&again)[3]["matched_by"], "phone");
    assert_eq!(details(&again)[4]["matched_by"], "email");
    assert_eq!(details(&again)[4]["ignored_fields"], json!(["unknown"]));
    assert_eq!(events(&stack).len(), 40);
}

#[test]
fn what_does_not_repeat_is_read_and_written_as_ever() {
    let (stack, tenant) = repeating();
    let mut mixed = records(0);
    mixed[5]["name"] = json!("M");
    mixed[6] = json!({ "name": "New", "email": "new@b.ie" });
    mixed[7] = json!({ "external_id": "C0", "email": "not an address" });
    let (answer, calls) = counted(&stack, &tenant, &mixed);
    assert_eq!(calls, 3, "the repetitions, the others, what they write");
    let all = details(&answer);
    assert_eq!(
        (&all[5]["changed"], &all[5]["action"]),
        (&json!(true), &json!("updated"))
    );
    assert_eq!(all[6]["action"], "created");
    assert_eq!(all[7]["code"], "invalid_record");
    let unchanged = all.iter().filter(|one| one["changed"] == false).count();
    assert_eq!(unchanged, 38, "the repetitions, and the one that failed");
    assert_eq!(
        count(&stack, "SELECT count(*) FROM customers WHERE name = 'M'"),
        1
    );
}

#[test]
fn a_repetition_after_a_change_in_its_own_batch_is_applied() {
    let (stack, tenant) = repeating();
    let mut batch = records(0);
    batch.insert(0, json!({ "external_id": "C0", "name": "Other" }));
    let (answer, _) = counted(&stack, &tenant, &batch);
    assert_eq!(details(&answer)[0]["changed"], true);
    assert_eq!(
        details(&answer)[1]["changed"],
        true,
        "it takes the name back"
    );
    assert_eq!(
        count(
            &stack,
            "SELECT count(*) FROM customers WHERE name = 'Other'"
        ),
        0
    );
}

#[test]
fn a_number_that_is_none_still_makes_the_whole_body_malformed() {
    let (stack, tenant) = repeating();
    let batch = serde_json::to_string(&records(0)).unwrap();
    let body = format!(
        r#"{{"customers":{}}}"#,
        batch.replacen(r#""name":"N""#, r#""name":1e999"#, 1)
    );
    let answer = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key)
        .header("content-type", "application/json")
        .body(body)
        .send(handle);
    assert_eq!(answer.refusal(), (400, "malformed_json"));
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 40);
}

#[test]
fn an_id_without_a_system_that_names_two_customers_is_no_repetition() {
    let (stack, tenant) = repeating();
    let other = json!([{ "external_id": "C0", "external_system": "other", "name": "O", "email": "o@b.ie" }]);
    sync(&stack, &tenant, other);
    let (_, calls) = counted(&stack, &tenant, &records(0));
    assert_ne!(calls, 1, "it is looked for in full");
}

#[test]
fn what_repeats_is_not_applied_again_however_it_is_searched() {
    let (stack, tenant) = Stack::with_tenant();
    // Nothing is known of the business at first, then that it sends news, then that it repeats.
    sync(&stack, &tenant, json!(records(0)));
    stack.db.sql("UPDATE customers SET name = 'Edited'");
    for _ in 0..3 {
        let answer = sync(&stack, &tenant, json!(records(0)));
        assert!(details(&answer).iter().all(|one| one["changed"] == false));
    }
    assert_eq!(
        count(
            &stack,
            "SELECT count(*) FROM customers WHERE name = 'Edited'"
        ),
        40
    );
}
