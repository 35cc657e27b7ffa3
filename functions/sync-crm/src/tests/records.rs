//! What Kustomer knows of its records is not lost by our writing.

use super::there::Trouble;
use super::{ADA, Desk, SECOND};
use serde_json::{Value, json};
use testkit::{answer, timed_out};

const EMAILS: &str = r#"[{"email": "ada@work.example", "type": "work", "verified": true}]"#;

/// Somebody whom Kustomer knows well has written.
fn known() -> Desk {
    let desk = Desk::new();
    let emails: Value = serde_json::from_str(EMAILS).unwrap();
    desk.there
        .0
        .borrow_mut()
        .records
        .push(json!({"type": "customer", "id": "known",
        "attributes": {"name": "Ada Lovelace", "externalId": null, "emails": emails,
            "phones": [{"phone": format!("+{ADA}"), "type": "mobile", "verified": true},
                {"phone": "087 123 (desk)", "type": "work"}], "rev": 4},
        "relationships": {}}));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk
}

fn customer(desk: &Desk) -> Value {
    desk.there.all("customer").remove(0)["attributes"].clone()
}

fn updated(desk: &Desk, set: &str) {
    let id = desk.value("SELECT id FROM customers");
    desk.stack.db.sql(&format!("UPDATE customers SET {set}"));
    desk.stack
        .happened(&desk.tenant, "customer.updated", &id, &Value::Null);
    desk.settle();
}

#[test]
fn lists_of_contacts_keep_type_verified_and_what_cannot_be_parsed() {
    let desk = known();
    updated(&desk, "email = 'ada@home.example', phone = '+353860000009'");
    let customer = customer(&desk);
    let emails: Value = serde_json::from_str(EMAILS).unwrap();
    assert_eq!(customer["emails"][0], emails[0]);
    assert_eq!(customer["emails"][1], json!({"email": "ada@home.example"}));
    let phones = json!([{"phone": format!("+{ADA}"), "type": "mobile", "verified": true},
        {"phone": "087 123 (desk)", "type": "work"}, {"phone": "+353860000009"}]);
    assert_eq!(customer["phones"], phones);
}

#[test]
fn an_agents_spelling_of_a_name_stays_unless_the_name_changed_here() {
    let desk = known();
    updated(
        &desk,
        "tags = '[\"vip\"]', custom_fields = '{\"a\":1}', email = 'a@b.example'",
    );
    assert_eq!(customer(&desk)["name"], "Ada Lovelace");
    updated(&desk, "name = 'Augusta Ada King'");
    assert_eq!(customer(&desk)["name"], "Augusta Ada King");
}

#[test]
fn external_ids_are_of_customers_that_we_made() {
    let desk = known();
    updated(&desk, "email = 'a@b.example'");
    assert_eq!(customer(&desk)["externalId"], Value::Null);
}

#[test]
fn numbers_at_whatsapp_are_told_as_such() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let expected = json!([{"phone": format!("+{ADA}")}]);
    assert_eq!(customer(&desk)["whatsapps"], expected);
}

/// A customer of an account of Messenger or Instagram, who has written.
fn at_meta(kind: &str, address: &str, user: &str, handle: Option<&str>) -> Desk {
    let desk = Desk::new();
    let (settings, credentials) = (json!({}), json!({"access_token": "t"}));
    let account = desk
        .stack
        .channel(&desk.tenant, kind, address, &settings, &credentials);
    desk.receive("wamid.1", ADA, "Hello");
    for table in ["conversations", "messages"] {
        desk.stack.db.sql(&format!(
            "UPDATE {table} SET channel = '{kind}', channel_id = '{account}'"
        ));
    }
    desk.stack.db.sql(&format!(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT business_id, '{kind}', '{user}', '', id FROM customers"
    ));
    if let Some(handle) = handle {
        desk.stack.db.sql(&format!(
            "INSERT INTO identity_handles (business_id, kind, value, handle)
             SELECT business_id, '{kind}', '{user}', '{handle}' FROM customers"
        ));
    }
    desk.settle();
    desk
}

#[test]
fn who_writes_by_messenger_or_instagram_has_their_ids_there() {
    let desk = at_meta("facebook", "109", "psid-7", None);
    let expected = json!([{"pageId": "109", "userId": "psid-7"}]);
    assert_eq!(customer(&desk)["facebookIds"], expected);
    assert_eq!(customer(&desk)["instagramIds"], Value::Null);

    super::apart(|| {
        let desk = at_meta("instagram", "1784", "igsid-7", Some("ada.l"));
        let expected = json!([{"pageId": "1784", "threadId": "igsid-7", "username": "ada.l",
            "instagramId": "igsid-7"}]);
        assert_eq!(customer(&desk)["instagramIds"], expected);
    });
    // Kustomer wants a username, and nobody knows it.
    super::apart(|| {
        let desk = at_meta("instagram", "1784", "igsid-7", None);
        assert_eq!(customer(&desk)["instagramIds"], Value::Null);
    });
}

#[test]
fn a_known_customer_gets_ids_of_accounts_beside_those_that_are_there() {
    let desk = at_meta("facebook", "109", "psid-7", None);
    let theirs = json!([{"pageId": "5", "userId": "psid-5", "name": "Ada"}]);
    desk.there.0.borrow_mut().records[0]["attributes"]["facebookIds"] = theirs;
    updated(&desk, "email = 'a@b.example'");
    let expected = json!([{"pageId": "5", "userId": "psid-5", "name": "Ada"},
        {"pageId": "109", "userId": "psid-7"}]);
    assert_eq!(customer(&desk)["facebookIds"], expected);
}

#[test]
fn a_customer_whose_number_is_anothers_at_whatsapp_is_made_without_it() {
    let desk = Desk::new();
    desk.there
        .0
        .borrow_mut()
        .records
        .push(json!({"type": "customer", "id": "another",
        "attributes": {"whatsapps": [{"phone": format!("+{ADA}")}], "rev": 1},
        "relationships": {}}));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let customers = desk.there.all("customer");
    assert_eq!(customers.len(), 2, "{:?}", desk.jobs());
    let attributes = &customers[1]["attributes"];
    assert_eq!(attributes["whatsapps"], Value::Null);
    assert_eq!(attributes["phones"][0]["phone"], format!("+{ADA}"));
    assert_eq!(desk.there.all("message").len(), 1);
}

#[test]
fn tags_of_customers_are_written_by_their_ids_beside_those_that_are_there() {
    let desk = known();
    desk.there.0.borrow_mut().records[0]["attributes"]["tags"] = json!(["tag-theirs"]);
    updated(&desk, "tags = '[\"vip\"]'");
    assert_eq!(customer(&desk)["tags"], json!(["tag-theirs", "tag-1"]));
}

#[test]
fn tags_of_customers_that_kustomer_lacks_are_made_by_their_names() {
    let desk = known();
    updated(&desk, "tags = '[\"vip\",\"gold\"]'");
    assert_eq!(customer(&desk)["tags"], json!(["tag-1", "tag-2"]));
    assert_eq!(desk.there.0.borrow().tags, ["gold"]);
    let conversation = &desk.there.all("conversation")[0]["attributes"];
    assert_eq!(conversation["tags"], json!([]), "it is the customer's");
    let own = desk.value("SELECT tags FROM conversations");
    assert_eq!(own, "[]");
    desk.there.requests_made();
    updated(&desk, "tags = '[\"gold\",\"vip\"]'");
    let requests_made = desk.there.requests_made();
    let made = requests_made.iter().any(|line| line.contains("/tags"));
    assert!(!made, "known by now: {requests_made:?}");
}

#[test]
fn tags_of_a_customer_who_is_new_there_are_made_once_their_conversation_is() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET tags = '[\"gold\"]'");
    desk.settle();
    assert_eq!(customer(&desk)["tags"], json!(["tag-2"]));
    assert_eq!(desk.count("crm_jobs WHERE state = 'failed'"), 0);
}

#[test]
fn a_team_that_does_not_exist_leaves_the_conversation_unassigned_and_is_told() {
    let settings = json!({"default_team_id": "team-gone", "features": {"auto_assignment": true}});
    let desk = Desk::with(&settings);
    desk.there.0.borrow_mut().teams = Some(vec!["team-1"]);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1, "{:?}", desk.jobs());
    let conversation = desk.there.all("conversation").remove(0);
    assert_eq!(conversation["attributes"]["assignedTeams"], Value::Null);
    let told = desk.value("SELECT value FROM crm_cache WHERE key GLOB 'trouble:unknown_team:*'");
    assert!(told.contains("team-gone"), "{told}");
    let id = desk.value("SELECT id FROM conversations");
    desk.stack.happened(
        &desk.tenant,
        "conversation.escalated",
        &id,
        &json!({"escalation": {"id": "e1", "priority": "urgent", "team_id": "team-also-gone"}}),
    );
    desk.settle();
    assert_eq!(desk.there.all("note").len(), 1, "{:?}", desk.jobs());
}

#[test]
fn a_429_of_one_object_holds_its_stream_alone() {
    let desk = Desk::new();
    let mut told = answer(404, &json!({}));
    if let Ok(response) = &mut told {
        let limit = ("x-ratelimit-limit".to_owned(), "1000".to_owned());
        response.headers.push(limit);
    }
    desk.there
        .trouble("GET /v1/customers", Trouble::Before(told));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let id = desk.value("SELECT id FROM conversations");
    desk.stack
        .db
        .sql("UPDATE conversations SET priority = 'high'");
    let mut busy = answer(429, &json!({"errors": [{"code": "rate_limit_exceeded"}]})).unwrap();
    for (name, value) in [
        ("x-ratelimit-limit", "60".to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("retry-after", "50".to_owned()),
    ] {
        busy.headers.push((name.to_owned(), value));
    }
    desk.there
        .trouble("PATCH /v1/conversations", Trouble::Before(Ok(busy)));
    desk.stack
        .happened(&desk.tenant, "inbox.changed", &id, &Value::Null);
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    desk.receive("wamid.2", "353860000001", "of somebody else");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let is_theirs = |one: &Value| one["attributes"]["preview"] == "of somebody else";
    assert!(desk.there.all("message").iter().any(is_theirs));
    let per_minute = desk.stack.db.value("SELECT per_minute FROM crm_budgets");
    assert_eq!(
        per_minute.as_integer(),
        Some(750),
        "it is no limit of the account"
    );
    desk.stack.advance(60 * SECOND);
    desk.settle();
    let conversation = desk.there.all("conversation").remove(0);
    assert_eq!(conversation["attributes"]["priority"], 4);
}

#[test]
fn a_message_is_looked_for_by_both_spellings_of_external_id() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().has_lower_case_ids = true;
    let path = "POST /v1/conversations/conversation-1/messages";
    desk.there.trouble(path, Trouble::After(timed_out()));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    let posts = desk.there.requests_made();
    let posts = posts.iter().filter(|line| line.starts_with(path)).count();
    assert_eq!(posts, 1, "it is found, and not made again");
}

#[test]
fn variables_are_read_by_the_names_that_the_guides_print() {
    let desk = Desk::new();
    desk.stack
        .ports
        .set("VITE_KUSTOMER_DEFAULT_PRIORITY", "high");
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let conversation = desk.there.all("conversation").remove(0);
    assert_eq!(conversation["attributes"]["priority"], 4);
}
