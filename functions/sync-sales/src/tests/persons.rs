//! A customer is one person there, found before made, and nothing of them is lost.

use super::there::{Trouble, faulted};
use super::{ADA, Desk, apart};
use serde_json::{Value, json};

fn contacts(values: &[&str]) -> Value {
    values
        .iter()
        .map(|value| json!({ "value": value, "label": "work" }))
        .collect()
}

fn known(emails: &[&str], numbers: &[&str]) -> Value {
    json!({ "name": "Ada Lovelace", "emails": contacts(emails), "contact_numbers": contacts(numbers),
        "sales_owner": { "id": 5 } })
}

#[test]
fn a_person_is_found_by_number_however_it_is_written() {
    for number in [
        "+353871234567",
        "+353 87 123 4567",
        "087 1234567",
        "00353 (87) 123-4567",
    ] {
        apart(|| {
            let desk = Desk::new();
            let id = desk.known(&known(&["ada@work.example"], &[number]));
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            assert_eq!(desk.person()["id"].to_string(), id, "{number}");
            assert_eq!(desk.person()["contact_numbers"], contacts(&[number]));
            assert_eq!(desk.lead()["person_id"].to_string(), id);
        });
    }
}

#[test]
fn a_part_in_common_is_not_enough() {
    let desk = Desk::new();
    desk.known(&known(&["a@b.example"], &["+49871234567"]));
    desk.known(&known(&["ada@work.example.org"], &["+1 555 4567"]));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET email = 'ada@work.example'");
    desk.settle();
    assert_eq!(desk.there.0.borrow().persons.len(), 3);
}

#[test]
fn an_address_is_found_in_any_case_and_sent_in_lower_case() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET email = 'Ada@Work.Example'");
    let id = desk.known(&known(&["Ada@Work.Example"], &["+15550001"]));
    desk.settle();
    let persons = desk.there.0.borrow().persons.clone();
    assert_eq!(persons[0]["id"].to_string(), id);
    assert_eq!(persons.len(), 1);
    let numbers = contacts(&["+15550001", &format!("+{ADA}")]);
    assert_eq!(
        persons[0]["contact_numbers"], numbers,
        "what they lack is added"
    );
    assert_eq!(persons[0]["sales_owner"]["id"], 5, "the owner stays");
    assert_eq!(persons[0]["name"], "Ada Lovelace");

    apart(|| {
        let desk = Desk::new();
        desk.receive("wamid.1", ADA, "Hello");
        desk.stack
            .db
            .sql("UPDATE customers SET email = 'Ada@Work.Example'");
        desk.settle();
        assert_eq!(desk.person()["emails"], contacts(&["ada@work.example"]));
    });
}

#[test]
fn somebody_without_an_address_gets_one_that_leads_nowhere() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let invented = json!([{ "value": format!("{ADA}@no-email.invalid"), "label": "generated" }]);
    assert_eq!(desk.person()["emails"], invented);
    // Until there is a real one.
    desk.updated("email = 'ada@home.example'");
    assert_eq!(desk.person()["emails"], contacts(&["ada@home.example"]));
}

#[test]
fn a_person_who_was_made_meanwhile_is_adopted() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    let taken = json!({ "message": "taken", "errors": { "emails.0.value": ["taken"] } });
    let refusal = super::there::said(422, &taken, true);
    // It is made by somebody else between the search and ours.
    desk.there
        .trouble("POST /contacts/persons", Trouble::After(refusal));
    desk.settle();
    assert_eq!(desk.lead()["person_id"], desk.person()["id"]);
    assert_eq!(desk.requests("POST /contacts/persons"), 1);
}

#[test]
fn a_person_who_was_stored_although_it_failed_is_found_again() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.there
        .trouble("POST /contacts/persons", Trouble::After(faulted()));
    desk.settle();
    assert_eq!(desk.lead()["person_id"], desk.person()["id"]);
    assert_eq!(desk.requests("POST /contacts/persons"), 1);
    assert_eq!(desk.value("SELECT status FROM integrations"), "active");
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
}

#[test]
fn changes_here_are_written_and_nothing_of_theirs_is_lost() {
    let desk = Desk::new();
    let mut theirs = known(&["ada@work.example"], &["+353 87 123 4567"]);
    theirs["job_title"] = "Countess".into();
    desk.known(&theirs);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.updated("email = 'ada@home.example', custom_fields = '{\"job_title\":\"Analyst\"}'");
    let person = desk.person();
    assert_eq!(
        person["emails"],
        contacts(&["ada@work.example", "ada@home.example"])
    );
    assert_eq!(person["contact_numbers"], contacts(&["+353 87 123 4567"]));
    assert_eq!(person["job_title"], "Analyst");
    assert_eq!(
        person["name"], "Ada Lovelace",
        "theirs, which did not change here"
    );
    assert_eq!(person["sales_owner"]["id"], 5);
    desk.updated("name = 'Augusta Ada King'");
    assert_eq!(desk.person()["name"], "Augusta Ada King");
    // What does not change is not written.
    desk.there.requests_made();
    desk.updated("tags = '[\"x\"]'");
    assert!(desk.there.requests_made().is_empty());
}

#[test]
fn an_address_of_another_person_stays_away() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.known(&known(&["shared@work.example"], &["+15550001"]));
    desk.updated("email = 'shared@work.example', name = 'Ada King'");
    let persons = desk.there.0.borrow().persons.clone();
    assert_eq!(persons[0]["name"], "Ada King");
    assert_ne!(persons[0]["emails"], contacts(&["shared@work.example"]));
    assert_eq!(
        desk.count("crm_cache WHERE key LIKE 'trouble:contact_taken%'"),
        1
    );
}

#[test]
fn whoever_is_gone_there_is_made_anew() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let before = desk.person()["id"].clone();
    desk.there.0.borrow_mut().persons.clear();
    desk.there.0.borrow_mut().leads.clear();
    desk.updated("email = 'ada@home.example'");
    assert_ne!(desk.person()["id"], before);
    assert_eq!(desk.lead()["person_id"], desk.person()["id"]);
}

#[test]
fn a_company_is_an_organization_once() {
    for name in ["Acme Imports", "Acme, Inc."] {
        apart(|| {
            let desk = Desk::with(&super::everything());
            desk.receive("wamid.1", ADA, "Hello");
            desk.receive("wamid.2", "353870000002", "Hello");
            let fields = json!({ "company_name": name, "company_city": "Cork" });
            desk.stack
                .db
                .sql(&format!("UPDATE customers SET custom_fields = '{fields}'"));
            let failed = Trouble::After(faulted());
            desk.there.trouble("POST /contacts/organizations", failed);
            desk.settle();
            let state = desk.there.0.borrow();
            let [organization] = state.organizations.as_slice() else {
                panic!("{:?}", state.organizations);
            };
            assert_eq!(organization["name"], name);
            assert_eq!(organization["address"]["city"], "Cork");
            for person in &state.persons {
                assert_eq!(person["organization_id"], organization["id"]);
            }
        });
    }
}

#[test]
fn no_organization_is_made_unless_that_is_set() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET custom_fields = '{\"company_name\":\"Acme Imports\"}'");
    desk.settle();
    assert_eq!(desk.person()["organization_id"], Value::Null);
    assert_eq!(desk.requests("POST /contacts/organizations"), 0);
}

#[test]
fn a_company_that_is_known_there_is_linked() {
    let desk = Desk::with(&super::everything());
    let organization = json!({ "id": 57, "name": "ACME imports" });
    desk.there.0.borrow_mut().organizations.push(organization);
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET custom_fields = '{\"company\":\"Acme Imports\"}'");
    desk.settle();
    assert_eq!(desk.person()["organization_id"], 57);
    assert!(
        desk.value("SELECT crm_ids FROM customers")
            .contains("|krayin:organization:57|")
    );
}

#[test]
fn two_customers_of_one_person_share_its_lead() {
    let desk = Desk::with(&super::everything());
    desk.known(&known(
        &["ada@work.example"],
        &["+353871234567", "+353870000002"],
    ));
    desk.receive("wamid.1", ADA, "Hello");
    desk.receive("wamid.2", "353870000002", "Hello again");
    desk.settle();
    let person = desk.person();
    assert_eq!(desk.lead()["person_id"], person["id"]);
    let activities = desk.there.activities();
    assert_eq!(activities.len(), 4);
    assert!(
        activities
            .iter()
            .all(|one| one["lead_id"] == desk.lead()["id"])
    );
    assert_eq!(
        desk.count("crm_cache WHERE key LIKE 'trouble:shared_person%'"),
        1
    );
    desk.receive("wamid.3", "353870000002", "And again");
    desk.settle();
    desk.lead();
    assert_eq!(desk.there.activities().len(), 5);
}

#[test]
fn fields_are_mapped_to_attributes_there() {
    let mapping = json!({ "custom_fields.plan": "person.plan", "external_id": "lead.ours" });
    let desk = Desk::with(&json!({ "field_mapping": mapping }));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET custom_fields = '{\"plan\":7}', external_id = 'C-1'");
    desk.settle();
    assert_eq!(desk.person()["plan"], 7);
    assert_eq!(desk.lead()["ours"], "C-1");
}

#[test]
fn a_person_that_an_import_named_is_taken() {
    let desk = Desk::new();
    let id = desk.known(&known(&["other@work.example"], &["+15550001"]));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.db.sql(&format!(
        "UPDATE customers SET crm_ids = 'krayin:person:{id}'"
    ));
    desk.settle();
    assert_eq!(desk.person()["id"].to_string(), id);
}
