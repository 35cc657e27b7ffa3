//! Which customer a record is.

use super::{count, details, events, john, sync, sync_with};
use serde_json::{Value, json};
use testkit::Stack;

#[test]
fn a_replaced_email_no_longer_matches() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    sync(
        &stack,
        &tenant,
        json!([{ "external_id": "CRM-12345", "email": "new@example.com" }]),
    );
    let answer = sync(
        &stack,
        &tenant,
        json!([
            { "email": "john@example.com", "name": "Another John" },
            { "email": "new@example.com" }
        ]),
    );
    assert_eq!(details(&answer)[0]["action"], "created");
    assert_eq!(details(&answer)[1]["action"], "updated");
}

#[test]
fn records_of_one_request_apply_in_order() {
    let (stack, tenant) = Stack::with_listener();
    let answer = sync(
        &stack,
        &tenant,
        json!([
            { "external_id": "A", "name": "A", "email": "shared@b.ie" },
            { "external_id": "A", "email": "a@b.ie" },
            { "external_id": "B", "name": "B", "email": "shared@b.ie" },
            { "external_id": "A", "notes": "last" }
        ]),
    );
    let details = details(&answer);
    let actions: Vec<_> = details
        .iter()
        .map(|d| d["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["created", "updated", "created", "updated"]);
    assert_eq!(details[0]["customer_id"], details[3]["customer_id"]);
    assert_eq!(count(&stack, "SELECT count(*) FROM customers"), 2);
    assert_eq!(
        events(&stack),
        ["customer.created"; 2],
        "one event for each customer made"
    );
}

#[test]
fn a_repeated_record_behind_one_that_changes_its_customer_is_applied_again() {
    let (stack, tenant) = Stack::with_tenant();
    sync(&stack, &tenant, json!([john()]));
    let answer = sync(
        &stack,
        &tenant,
        json!([{ "email": "john@example.com", "name": "J" }, john()]),
    );
    assert_eq!(details(&answer)[1]["changed"], true);
    assert_eq!(
        stack.db.value("SELECT name FROM customers").as_text(),
        Some("John Doe")
    );
}

#[test]
fn a_record_that_names_two_customers_fails_and_names_both() {
    let (stack, tenant) = Stack::with_tenant();
    let made = sync(
        &stack,
        &tenant,
        json!([
            { "external_id": "A", "name": "A", "email": "a@b.ie" },
            { "external_id": "B", "name": "B", "phone": "+353871234567" }
        ]),
    );
    let id = |n: usize| {
        details(&made)[n]["customer_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let answer = sync(
        &stack,
        &tenant,
        json!([{ "email": "a@b.ie", "phone": "+353871234567", "name": "X" }]),
    );
    let detail = &details(&answer)[0];
    assert_eq!(detail["code"], "identity_conflict");
    let error = detail["error"].as_str().unwrap();
    assert!(error.contains(&id(0)) && error.contains(&id(1)), "{error}");
}

#[test]
fn two_contacts_of_one_crm_that_share_an_address_are_not_merged_unless_told() {
    let (stack, tenant) = Stack::with_tenant();
    let contact = |id: &str| {
        json!([{
            "external_id": id, "external_system": "salesforce", "name": "N", "email": "family@b.ie"
        }])
    };
    sync(&stack, &tenant, contact("A"));
    let refused = sync(&stack, &tenant, contact("B"));
    assert_eq!(details(&refused)[0]["code"], "identity_conflict");
    let adopted = sync_with(&stack, &tenant, "?on_conflict=adopt", contact("B"));
    assert_eq!(details(&adopted)[0]["action"], "updated");
    let known = stack
        .db
        .sql("SELECT value FROM identities WHERE kind = 'external_id'");
    assert_eq!(known, [["B".into()]], "the old id is given up");
}

#[test]
fn another_crms_id_is_kept_beside_the_first() {
    let (stack, tenant) = Stack::with_tenant();
    let from = |system: &str, id: &str| {
        json!([{
            "external_id": id, "external_system": system, "name": "N", "email": "a@b.ie"
        }])
    };
    sync(&stack, &tenant, from("salesforce", "S1"));
    let second = sync(&stack, &tenant, from("hubspot", "H1"));
    assert_eq!(details(&second)[0]["matched_by"], "email");
    for (system, id) in [("salesforce", "S1"), ("hubspot", "H1")] {
        let again = sync(
            &stack,
            &tenant,
            json!([{ "external_id": id, "external_system": system }]),
        );
        assert_eq!(details(&again)[0]["matched_by"], "external_id", "{system}");
    }
}

#[test]
fn an_external_id_without_a_system_matches_in_any_and_in_two_is_a_conflict() {
    let (stack, tenant) = Stack::with_tenant();
    let record = |system: Value, email: &str| {
        json!([{
            "external_id": "7", "external_system": system, "name": "N", "email": email
        }])
    };
    sync(&stack, &tenant, record(json!("salesforce"), "a@b.ie"));
    let any = sync(
        &stack,
        &tenant,
        json!([{ "external_id": "7", "notes": "found" }]),
    );
    assert_eq!(details(&any)[0]["matched_by"], "external_id");
    let other = sync(&stack, &tenant, record(json!("hubspot"), "b@b.ie"));
    assert_eq!(details(&other)[0]["action"], "created");
    let both = sync(
        &stack,
        &tenant,
        json!([{ "external_id": "7", "notes": "whose?" }]),
    );
    assert_eq!(details(&both)[0]["code"], "identity_conflict");
}

#[test]
fn a_customer_whose_system_was_not_named_learns_it() {
    let (stack, tenant) = Stack::with_tenant();
    sync(
        &stack,
        &tenant,
        json!([{ "external_id": "7", "name": "N", "email": "a@b.ie" }]),
    );
    let named = json!([{ "external_id": "7", "external_system": "salesforce" }]);
    assert_eq!(
        details(&sync(&stack, &tenant, named.clone()))[0]["changed"],
        true
    );
    assert_eq!(details(&sync(&stack, &tenant, named))[0]["changed"], false);
    assert_eq!(
        count(
            &stack,
            "SELECT count(*) FROM identities WHERE kind = 'external_id'"
        ),
        1
    );
}

#[test]
fn customers_of_another_business_are_neither_matched_nor_touched() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    sync(&stack, &tenant, json!([john()]));
    let answer = sync(&stack, &other, json!([john()]));
    assert_eq!(details(&answer)[0]["action"], "created");
    assert_eq!(
        count(&stack, "SELECT count(DISTINCT business_id) FROM customers"),
        2
    );
}
