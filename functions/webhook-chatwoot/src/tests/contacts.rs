use super::{Desk, Json, ana, message};
use common::ports::Queue;
use serde_json::json;

fn contact(event: &str, changed: &Json) -> Json {
    json!({
        "event": event, "id": 46, "name": "Ana", "email": "ana@b.ie", "account": { "id": 1 },
        "changed_attributes": changed,
    })
}

fn conversation(event: &str) -> Json {
    let mut conversation = message(1, 130, &ana(), "Hi")["conversation"].clone();
    conversation["event"] = event.into();
    conversation
}

impl Desk {
    fn jobs(&self) -> Vec<String> {
        self.texts(
            "SELECT key || ' ' || stream || ' ' || state || ' ' || generation FROM crm_jobs ORDER BY key",
        )
    }
}

#[test]
fn a_contact_and_a_conversation_that_changed_are_to_be_read_one_at_a_time() {
    let desk = Desk::new();
    assert_eq!(
        desk.told(&contact("contact_created", &Json::Null))["received"],
        1
    );
    for event in [
        "conversation_created",
        "conversation_updated",
        "conversation_status_changed",
    ] {
        desk.told(&conversation(event));
    }
    let (of, id) = (format!("remote:{}/46", desk.channel_id), &desk.channel_id);
    assert_eq!(
        desk.jobs(),
        [
            format!("contact_in:{id}/46 {of} waiting 1"),
            format!("conversation_in:{id}/130 {of} waiting 3")
        ]
    );
    let woken = (desk.tenant.business_id.clone(), 0);
    assert_eq!(
        desk.stack.ports.take_wakes(Queue::Sources),
        [woken.clone(), woken.clone(), woken.clone(), woken]
    );
    // Nobody is a customer by it yet, which the job decides.
    assert_eq!(
        (desk.count("customers"), desk.count("source_contacts")),
        (0, 0)
    );
}

#[test]
fn the_stream_is_the_customers_where_one_is_known_in_either_order() {
    let desk = Desk::new();
    desk.told(&conversation("conversation_created"));
    desk.told(&message(1, 130, &ana(), "Hi"));
    desk.told(&contact("contact_updated", &json!([{ "email": {} }])));
    let customer = desk.texts("SELECT id FROM customers").remove(0);
    let id = &desk.channel_id;
    // What waits stays in order with what it was before.
    desk.told(&conversation("conversation_updated"));
    assert_eq!(
        desk.jobs(),
        [
            format!("contact_in:{id}/46 {customer} waiting 1"),
            format!("conversation_in:{id}/130 remote:{id}/46 waiting 2")
        ]
    );
    desk.stack.db.sql("UPDATE crm_jobs SET state = 'done'");
    desk.stack.db.sql("DELETE FROM crm_streams");
    desk.told(&conversation("conversation_updated"));
    let done = format!("contact_in:{id}/46 {customer} done 1");
    let again = format!("conversation_in:{id}/130 {customer} waiting 3");
    assert_eq!(desk.jobs(), [done, again]);
    assert_eq!(desk.texts("SELECT stream FROM crm_streams"), [customer]);
}

#[test]
fn a_contact_known_by_an_import_alone_has_a_stream_too() {
    let desk = Desk::new();
    let call = desk
        .stack
        .call("customers-sync", "POST", "/api-customers-sync");
    let record = json!({
        "name": "Ana", "email": "ana@b.ie", "external_id": "46", "external_system": "chatwoot",
    });
    let call = call
        .key(&desk.tenant.api_key)
        .json(&json!({ "customers": [record] }));
    assert_eq!(call.send(customers_sync::handler::handle).status, 200);
    desk.told(&contact("contact_created", &Json::Null));
    let streams = "SELECT stream FROM crm_jobs j JOIN customers c ON c.id = j.stream";
    assert_eq!(desk.texts(streams).len(), 1);
}

#[test]
fn what_only_keeps_the_books_of_a_contact_is_dropped() {
    let desk = Desk::new();
    let own = json!({ "previous_value": {}, "current_value": { "crm_ids": "krayin:person:1" } });
    for changed in [
        json!([{ "updated_at": {} }, { "last_activity_at": {} }]),
        json!([{ "custom_attributes": own }]),
    ] {
        assert_eq!(
            desk.told(&contact("contact_updated", &changed))["ignored"],
            1
        );
    }
    assert!(desk.jobs().is_empty());
}
