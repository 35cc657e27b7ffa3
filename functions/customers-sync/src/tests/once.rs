//! A few records, taken for new: one call looks for them, and makes them if it finds nobody.

use super::{count, details, events, john, sync};
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::{Stack, Tenant};

/// A business, and a key that its isolate knows.
fn warm() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([]));
    (stack, tenant)
}

fn sync_counted(stack: &Stack, tenant: &Tenant, records: Value) -> (Vec<Value>, usize) {
    let before = stack.db.calls();
    let answer = sync(stack, tenant, records);
    (details(&answer).clone(), stack.db.calls() - before)
}

fn jane() -> Value {
    json!({ "external_id": "CRM-2", "name": "Jane", "email": "jane@example.com" })
}

#[test]
fn new_customers_cost_one_call() {
    let (stack, tenant) = warm();
    stack.listen(&tenant);
    let (made, calls) = sync_counted(&stack, &tenant, json!([john(), jane()]));
    let actions: Vec<_> = made.iter().map(|detail| &detail["action"]).collect();
    assert_eq!(actions, ["created", "created"]);
    assert_eq!(calls, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM identities"), 5);
    assert_eq!(events(&stack), ["customer.created", "customer.created"]);
    let (again, calls) = sync_counted(&stack, &tenant, json!([john(), jane()]));
    assert_eq!((&again[0]["changed"], calls), (&json!(false), 1));
    assert_eq!(again[1]["customer_id"], made[1]["customer_id"]);
}

#[test]
fn customers_whom_nobody_is_told_of_leave_no_events() {
    let (stack, tenant) = Stack::with_tenant();
    let many = (0..20).map(|n| json!({ "name": "Jo", "email": format!("jo{n}@example.com") }));
    sync(&stack, &tenant, json!([jane()]));
    sync(&stack, &tenant, many.collect());
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 21);
    assert!(events(&stack).is_empty());
    stack.listen(&tenant);
    sync(&stack, &tenant, json!([john()]));
    assert_eq!(events(&stack), ["customer.created"]);
}

#[test]
fn beside_one_who_is_known_by_any_name_the_others_are_made_by_the_write_after_it() {
    let (stack, tenant) = warm();
    sync(&stack, &tenant, json!([john()]));
    for (name, known) in [
        (
            "external_id",
            json!({ "external_id": "CRM-12345", "email": "new@example.com" }),
        ),
        ("email", json!({ "email": "new@example.com" })),
        ("phone", json!({ "phone": "+353871234567" })),
    ] {
        let mut known = known;
        known["name"] = json!(format!("John by {name}"));
        let other = json!({ "name": "N", "email": format!("{name}@other.example") });
        let (both, calls) = sync_counted(&stack, &tenant, json!([known, other]));
        assert_eq!(calls, 2, "{name}");
        assert_eq!(both[0]["matched_by"], name);
        assert_eq!(both[1]["action"], "created");
    }
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 4);
}

#[test]
fn records_that_name_each_other_or_lack_what_a_new_customer_needs_are_not_taken_for_new() {
    let (stack, tenant) = warm();
    sync(&stack, &tenant, json!([john()]));
    // An update, which needs no name, and one record twice.
    let patch = json!({ "email": "john@example.com", "notes": "VIP" });
    let (both, _) = sync_counted(&stack, &tenant, json!([patch, jane(), jane()]));
    let actions: Vec<_> = both.iter().map(|detail| &detail["action"]).collect();
    assert_eq!(actions, ["updated", "created", "updated"]);
    assert_eq!(both[1]["customer_id"], both[2]["customer_id"]);
    // One whose name the second takes away again: it is still John's.
    let theirs = json!({ "external_id": "X", "name": "X", "email": "john@example.com" });
    let later = json!({ "external_id": "X", "name": "X", "email": "x@example.com" });
    let (both, _) = sync_counted(&stack, &tenant, json!([theirs, later]));
    assert_eq!(both[0]["code"], "identity_conflict");
    assert_eq!(both[1]["action"], "created");
}

#[test]
fn nobody_is_woken_where_nobody_listens() {
    let (stack, tenant) = warm();
    let wakes = |records: Value| {
        sync(&stack, &tenant, records);
        stack.ports.take_wakes(Queue::Events).len()
    };
    let renamed = || json!([{ "external_id": "CRM-2", "name": "Jane Doe" }]);
    assert_eq!((wakes(json!([jane()])), wakes(renamed())), (0, 0));
    let _endpoint = stack.endpoint(&tenant, "https://crm.example/hooks", &["*"]);
    let _made = stack.ports.take_wakes(Queue::Events);
    let again = json!([{ "external_id": "CRM-2", "name": "Jane" }]);
    assert_eq!((wakes(json!([john()])), wakes(again)), (1, 1));
}
