use super::inbox::{Inbox, MINUTE};
use serde_json::json;

/// Somebody has written, and a CRM said who they are there.
fn known_to_a_crm(inbox: &Inbox) {
    inbox.pass(MINUTE);
    inbox.there().contact(46, json!({}));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    let id = inbox.text("SELECT id FROM customers");
    inbox
        .stack
        .db
        .sql("UPDATE customers SET crm_ids = 'krayin:person:7|krayin:lead:8'");
    let nothing = serde_json::Value::Null;
    inbox
        .stack
        .happened(&inbox.tenant, "customer.updated", &id, &nothing);
    inbox.settle();
}

#[test]
fn attributes_are_defined_once_where_the_account_lacks_them() {
    let inbox = Inbox::new();
    inbox.there().is_administrator = true;
    inbox.there().attributes.push("crm_ids".into());
    known_to_a_crm(&inbox);
    let attributes = ["crm_ids", "krayin_person_id", "krayin_lead_id"];
    assert_eq!(inbox.seen().attributes, attributes);
    let contact = inbox.seen().contacts[&46]["custom_attributes"].clone();
    let ids = json!({ "crm_ids": "krayin:person:7|krayin:lead:8", "krayin_person_id": "7", "krayin_lead_id": "8" });
    assert_eq!(contact, ids);
    inbox.there().requests.clear();
    inbox
        .stack
        .db
        .sql("UPDATE customers SET crm_ids = 'krayin:person:7|krayin:lead:9'");
    let id = inbox.text("SELECT id FROM customers");
    inbox.stack.happened(
        &inbox.tenant,
        "customer.updated",
        &id,
        &serde_json::Value::Null,
    );
    inbox.settle();
    let requests = inbox.seen().requests.clone();
    assert_eq!(
        requests,
        ["PUT /contacts/46"],
        "they are known to be defined"
    );
}

#[test]
fn without_an_administrators_token_attributes_are_written_undefined() {
    let inbox = Inbox::new();
    known_to_a_crm(&inbox);
    assert!(inbox.seen().attributes.is_empty());
    let contact = &inbox.seen().contacts[&46]["custom_attributes"];
    assert_eq!(contact["krayin_person_id"], "7");
    let trouble = "SELECT value FROM crm_cache WHERE key GLOB 'trouble:undefined_attribute:*'";
    assert!(inbox.text(trouble).contains("an administrator may"));
    assert_eq!(
        inbox.number("SELECT count(*) FROM crm_jobs WHERE state = 'failed'"),
        0
    );
}

#[test]
fn a_visitor_with_a_name_alone_is_nobody_to_a_crm() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    inbox
        .there()
        .contact(46, json!({ "name": "Ana", "email": null }));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    inbox.look();
    let known = "SELECT coalesce(external_id, 'none') || ' ' || coalesce(name, '') FROM customers";
    assert_eq!(inbox.text(known), "none Ana");
    inbox.there().contacts.get_mut(&46).unwrap()["email"] = json!("ana@example.com");
    inbox.there().writes(130, "two");
    inbox.look();
    assert_eq!(inbox.text("SELECT email FROM customers"), "ana@example.com");
    assert_eq!(inbox.number("SELECT count(*) FROM customers"), 1);
    let told = "SELECT count(*) FROM outbox WHERE event = 'customer.updated'";
    assert!(inbox.number(told) > 0);
}

#[test]
fn which_record_of_a_crm_a_visitor_says_to_be_is_not_believed() {
    let inbox = Inbox::new();
    inbox.pass(MINUTE);
    let forged = json!({ "crm_ids": "krayin:person:1", "krayin_person_id": "1", "plan": "pro" });
    inbox
        .there()
        .contact(46, json!({ "custom_attributes": forged }));
    inbox.there().conversation(130, 46, json!({}));
    inbox.there().writes(130, "one");
    inbox.look();
    inbox.look();
    let known = "SELECT custom_fields || ' ' || coalesce(crm_ids, '') FROM customers";
    assert_eq!(inbox.text(known), "{\"plan\":\"pro\"} ");
    // What a CRM says takes its place.
    let id = inbox.text("SELECT id FROM customers");
    inbox
        .stack
        .db
        .sql("UPDATE customers SET crm_ids = 'krayin:person:7'");
    let nothing = serde_json::Value::Null;
    inbox
        .stack
        .happened(&inbox.tenant, "customer.updated", &id, &nothing);
    inbox.settle();
    let contact = inbox.seen().contacts[&46]["custom_attributes"].clone();
    assert_eq!(contact["krayin_person_id"], "7");
    assert_eq!(contact["crm_ids"], "krayin:person:7");
}

#[test]
fn the_stage_of_a_lead_stands_at_the_contact_the_newest_whatever_comes_first() {
    let inbox = Inbox::new();
    inbox.there().is_administrator = true;
    known_to_a_crm(&inbox);
    let id = inbox.text("SELECT id FROM customers");
    let business = &inbox.tenant.business_id;
    inbox.stack.db.sql(&format!(
        "INSERT INTO integrations (business_id, connector, status, settings, created_at, updated_at)
         VALUES ('{business}', 'krayin', 'active', '{{}}', 0, 0)"
    ));
    let moved = |stage: &str| {
        let detail = json!({ "connector": "krayin", "lead_id": "8", "stage": stage });
        inbox
            .stack
            .happened(&inbox.tenant, "crm.lead_stage_changed", &id, &detail);
    };
    let shown = || inbox.seen().contacts[&46]["custom_attributes"]["krayin_lead_stage"].clone();
    moved("Follow Up");
    inbox.settle();
    assert_eq!(shown(), "Follow Up");
    let defined = inbox.seen().attributes.clone();
    assert!(defined.contains(&"krayin_lead_stage".to_owned()));
    inbox.pass(MINUTE);
    moved("Prospect");
    inbox.settle();
    assert_eq!(shown(), "Prospect");
    // The first is tried once more.
    inbox.stack.db.sql(
        "UPDATE crm_jobs SET state = 'waiting', failures = 0, generation = generation + 1
         WHERE kind = 'stage' AND ordered_at = (SELECT min(ordered_at) FROM crm_jobs WHERE kind = 'stage')",
    );
    inbox.settle();
    assert_eq!(shown(), "Prospect");
    // It is ours, and so no field of the customer's.
    inbox.there().touch(130);
    inbox.look();
    let fields = "SELECT coalesce(custom_fields, '{}') FROM customers";
    assert_eq!(inbox.text(fields), "{}");
}
