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

/// A business that has just made twenty customers, so that the next twenty are taken for new.
fn importing() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_listener();
    sync(&stack, &tenant, json!(import(0)));
    (stack, tenant)
}

fn import(batch: usize) -> Vec<Value> {
    let record = |n| {
        json!({
            "external_id": format!("I{batch}-{n}"), "name": "N", "email": format!("i{batch}-{n}@b.ie"),
            "phone": format!("+3538712{batch:02}{n:03}"), "custom_fields": { "b": n, "a": null },
        })
    };
    (0..20).map(record).collect()
}

#[test]
fn an_import_that_goes_on_is_made_in_one_call() {
    let (stack, tenant) = importing();
    let (answer, calls) = counted(&stack, &tenant, &import(1));
    assert_eq!(
        (answer.json["results"]["created"].as_u64(), calls),
        (Some(20), 1)
    );
    assert_eq!(count(&stack, "SELECT count(*) FROM identities"), 120);
    assert_eq!(
        count(
            &stack,
            "SELECT count(*) FROM customers WHERE custom_fields = '{\"b\":7}'"
        ),
        2
    );
    assert_eq!(events(&stack).len(), 40);
    let (again, calls) = counted(&stack, &tenant, &import(1));
    assert_eq!(
        (again.json["results"]["updated"].as_u64(), calls),
        (Some(20), 2)
    );
    assert_eq!(
        details(&again)[3]["customer_id"],
        details(&answer)[3]["customer_id"]
    );
    assert_eq!(events(&stack).len(), 40);
}

#[test]
fn one_who_is_known_by_any_name_is_found_among_an_imports_new_ones() {
    for known in [
        json!({ "external_id": "I0-3", "external_system": "other", "name": "K", "email": "k@b.ie" }),
        json!({ "name": "K", "email": "i0-3@b.ie" }),
        json!({ "name": "K", "phone": "+353871200003" }),
        json!({ "name": "K", "whatsapp_number": "+353871200999" }),
    ] {
        let (stack, tenant) = importing();
        let whatsapp = json!({ "external_id": "I0-3", "whatsapp_number": "+353871200999" });
        sync(&stack, &tenant, json!([whatsapp]));
        let owner = stack
            .db
            .value("SELECT id FROM customers WHERE external_id = 'I0-3'")
            .into_text();
        let mut batch = import(1);
        batch[9] = known.clone();
        let answer = sync(&stack, &tenant, json!(batch));
        assert_eq!(answer.json["results"]["created"], 19, "{known}");
        assert_eq!(details(&answer)[9]["customer_id"], json!(owner), "{known}");
        assert_eq!(
            count(&stack, "SELECT count(*) FROM customers"),
            39,
            "{known}"
        );
    }
}

#[test]
fn small_batches_are_guessed_at_once_many_were_alike() {
    let (stack, tenant) = Stack::with_listener();
    sync(&stack, &tenant, json!([]));
    let one = |n: usize| vec![import(0)[n].clone()];
    for n in 0..10 {
        let (made, calls) = counted(&stack, &tenant, &one(n));
        assert_eq!(details(&made)[0]["action"], "created");
        assert_eq!(calls, 1);
    }
    let (_, calls) = counted(&stack, &tenant, &one(0));
    assert_eq!(calls, 2, "it was taken for new");
    for n in 0..10 {
        let (same, calls) = counted(&stack, &tenant, &one(n));
        assert_eq!((&details(&same)[0]["changed"], calls), (&json!(false), 1));
    }
    let mut changed = one(0);
    changed[0]["name"] = json!("M");
    let (answer, calls) = counted(&stack, &tenant, &changed);
    assert_eq!(
        (&details(&answer)[0]["changed"], calls),
        (&json!(true), 3),
        "it was taken for a repetition"
    );
    changed[0]["name"] = json!("N");
    let (answer, calls) = counted(&stack, &tenant, &changed);
    assert_eq!((&details(&answer)[0]["changed"], calls), (&json!(true), 2));
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 10);
}
