use super::{Desk, Json, SECRET, ana, message};
use serde_json::json;

/// A customer that the business has told of.
fn synced(desk: &Desk, record: &Json) -> String {
    let call = desk
        .stack
        .call("customers-sync", "POST", "/api-customers-sync");
    let call = call.key(&desk.tenant.api_key);
    let answer = call.json(&json!({ "customers": [record] }));
    let answer = answer.send(customers_sync::handler::handle);
    let id = answer.json["results"]["details"][0]["customer_id"].as_str();
    id.unwrap_or_else(|| panic!("{}", answer.json)).to_owned()
}

fn joe() -> Json {
    json!({ "id": 46, "name": "Joe", "email": "joe@b.ie", "phone_number": "+353871234567" })
}

#[test]
fn an_address_typed_into_a_widget_finds_nobody_who_is_there() {
    let desk = Desk::new();
    let owner = synced(
        &desk,
        &json!({ "name": "Joe", "email": "joe@b.ie", "external_id": "A" }),
    );
    desk.told(&message(1, 130, &joe(), "I am Joe, honest"));
    assert_eq!(desk.count("customers"), 2);
    let who = format!("messages WHERE customer_id = '{owner}'");
    assert_eq!(desk.count(&who), 0);
    // The claim is not kept as the visitor's own either: nor is the owner lost with the visitor.
    let emails = desk.texts("SELECT id FROM customers WHERE email = 'joe@b.ie'");
    assert_eq!(emails, std::slice::from_ref(&owner));
    let claimed = desk.texts("SELECT phone FROM customers WHERE email IS NULL");
    assert_eq!(claimed, ["+353871234567"]);
    let erase = format!(
        "/api-customers?id={}",
        desk.texts("SELECT customer_id FROM messages")[0]
    );
    let call = desk
        .stack
        .call("customers", "DELETE", &erase)
        .key(&desk.tenant.api_key);
    assert_eq!(call.send(customers::handler::handle).status, 200);
    let left = "SELECT customer_id FROM identities WHERE kind = 'email' AND value = 'joe@b.ie'";
    assert_eq!(desk.texts(left), [owner]);
    assert_eq!(desk.count("identities WHERE system = 'chatwoot'"), 0);
}

#[test]
fn what_is_proven_finds_the_customer() {
    for (path, value) in [
        ("hmac_verified", json!(true)),
        ("channel", json!("Channel::Email")),
    ] {
        let desk = Desk::new();
        let owner = synced(&desk, &json!({ "name": "Joe", "email": "joe@b.ie" }));
        let mut event = message(1, 130, &joe(), "Hi");
        match path {
            "channel" => event["conversation"]["channel"] = value.clone(),
            _ => event["conversation"]["meta"]["hmac_verified"] = value.clone(),
        }
        desk.told(&event);
        assert_eq!(
            desk.texts("SELECT customer_id FROM messages"),
            [owner],
            "{value}"
        );
    }
}

#[test]
fn what_stands_at_a_contact_proves_nothing_on_another_network() {
    for channel in ["Telegram", "Line", "FacebookPage", "Instagram", "Tiktok"] {
        let desk = Desk::new();
        let owner = synced(&desk, &json!({ "name": "Joe", "email": "joe@b.ie" }));
        let mut event = message(1, 130, &joe(), "Hi");
        event["conversation"]["channel"] = format!("Channel::{channel}").into();
        desk.told(&event);
        let who = format!("messages WHERE customer_id = '{owner}'");
        assert_eq!(desk.count(&who), 0, "{channel}");
    }
}

#[test]
fn a_contact_is_known_by_its_id_and_found_by_it_in_every_inbox() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &joe(), "Hi"));
    let mut telegram = message(2, 131, &json!({ "id": 46, "name": "J." }), "Me again");
    telegram["conversation"]["channel"] = "Channel::Telegram".into();
    desk.told(&telegram);
    assert_eq!(desk.count("customers"), 1);
    let ids = desk.texts("SELECT other_external_ids FROM customers");
    assert_eq!(
        ids,
        [r#"[{"external_id":"46","external_system":"chatwoot"}]"#]
    );
    let contacts = "SELECT remote_id || ' ' || (customer_id = (SELECT id FROM customers)) FROM source_contacts";
    assert_eq!(desk.texts(contacts), ["46 1"]);
    // A program of the business's finds them by it.
    let record = json!({
        "name": "Joe", "email": "joe@b.ie", "external_id": "46", "external_system": "chatwoot",
    });
    assert_eq!(
        synced(&desk, &record),
        desk.texts("SELECT id FROM customers")[0]
    );
    assert_eq!(desk.count("customers"), 1);
}

#[test]
fn a_customer_who_is_known_already_gets_the_id_and_programs_hear_of_it_once() {
    let desk = Desk::new();
    synced(
        &desk,
        &json!({ "name": "Joe", "email": "joe@b.ie", "external_id": "A" }),
    );
    desk.stack.db.sql("DELETE FROM outbox");
    desk.stack.advance(1);
    for id in 1..3 {
        let mut event = message(id, 130, &joe(), "Hi");
        event["conversation"]["channel"] = "Channel::Email".into();
        desk.told(&event);
    }
    let updates = "outbox WHERE event = 'customer.updated'";
    assert_eq!(desk.count(updates), 1);
    let ids = desk.texts("SELECT external_id || other_external_ids FROM customers");
    assert_eq!(
        ids,
        [r#"A[{"external_id":"46","external_system":"chatwoot"}]"#]
    );
}

#[test]
fn a_claim_that_is_nobodys_is_the_new_customers() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &joe(), "Hi"));
    let found = synced(&desk, &json!({ "name": "Joe", "email": "joe@b.ie" }));
    assert_eq!(desk.texts("SELECT customer_id FROM messages"), [found]);
}

#[test]
fn anonymous_visitors_are_customers_each_of_their_own_without_a_made_name() {
    let desk = Desk::new();
    for contact in [46, 47] {
        let visitor = json!({ "id": contact, "name": "snowy-sun-611" });
        desk.told(&message(contact, contact, &visitor, "Hi"));
    }
    assert_eq!(desk.count("customers WHERE name IS NULL"), 2);
    // Nobody is asked for a name: the source says what there is.
    assert!(
        desk.stack
            .ports
            .take_wakes(common::ports::Queue::Media)
            .is_empty()
    );
}

#[test]
fn two_accounts_of_chatwoot_have_contacts_of_their_own() {
    let desk = Desk::new();
    let settings = json!({ "account_id": "1", "external_system": "chatwoot:2" });
    let credentials = json!({ "webhook_secret": SECRET });
    let second = desk
        .stack
        .channel(&desk.tenant, "chatwoot", "chat#2", &settings, &credentials);
    desk.told(&message(1, 130, &ana(), "Hi"));
    let body = message(1, 130, &json!({ "id": 46, "name": "Bea" }), "Hi").to_string();
    let answer = desk.signed(&second, SECRET, &body).send(super::handle);
    assert_eq!(answer.status, 200);
    assert_eq!(
        (desk.count("customers"), desk.count("conversations")),
        (2, 2)
    );
}
