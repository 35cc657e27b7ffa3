//! The CRM card of an account: the page that is made for it at Chatwoot, and its token.

use super::Desk;
use super::chatwoot::{Server, account, id_of};
use common::time::SECOND;
use serde_json::{Value, json};

const DAY: i64 = 86_400 * SECOND;

fn with_card() -> Value {
    let mut account = account();
    account["crm_card"] = true.into();
    account
}

fn url_of(server: &Server, at: usize) -> String {
    server.apps[at]["content"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned()
}

impl Desk {
    fn tested(&self, id: &str) -> Value {
        let tested = self.call("POST", &format!("/{id}/test"), &Value::Null).json;
        assert_eq!(tested["ok"], true, "{tested}");
        tested["detail"].clone()
    }

    fn card_token_id(&self, id: &str) -> String {
        self.one(&format!(
            "SELECT coalesce(settings ->> 'card_token_id', 'none') FROM channels WHERE id = '{id}'"
        ))
    }
}

#[test]
fn an_account_with_a_card_gets_its_page_at_chatwoot_by_a_token_that_is_told_nowhere_else() {
    let (desk, server) = Desk::with_server(Server::default());
    let made = desk.create(&with_card());
    let id = id_of(&made);
    assert_eq!(made.json["crm_card"], json!({ "created": true }));
    let url = url_of(&server.borrow(), 0);
    let start = format!("https://tieline.example/embed/crm-card?account={id}#token=");
    let token = url.strip_prefix(&start).unwrap_or_else(|| panic!("{url}"));
    assert_eq!(server.borrow().apps[0]["title"], "CRM");
    assert_eq!(token.split('.').count(), 3);
    assert!(!made.text().contains(token));
    let read = desk.call("GET", &format!("/{id}"), &Value::Null);
    assert_eq!(read.json["channel"]["crm_card"], "true");
    assert_eq!(
        read.json["channel"]["card_token_id"],
        desk.card_token_id(&id)
    );
    assert_eq!(read.json.get("crm_card"), None);
    // What is good stays.
    assert_eq!(desk.tested(&id)["crm_card"], "created");
    assert_eq!(url_of(&server.borrow(), 0), url);
    // Who asks for none has none.
    let mut other = account();
    other["account_id"] = 4.into();
    let other = desk.create(&other);
    assert_eq!(other.json.get("crm_card"), None);
    assert_eq!(server.borrow().apps.len(), 1);
}

#[test]
fn a_test_makes_a_card_that_is_gone_and_renews_one_that_ends_soon_or_whose_key_went() {
    let (desk, server) = Desk::with_server(Server::default());
    let id = id_of(&desk.create(&with_card()));
    let url = || url_of(&server.borrow(), 0);
    let first = url();
    server.borrow_mut().apps.clear();
    assert_eq!(desk.tested(&id)["crm_card"], "created");
    let second = url();
    assert_ne!(first, second);
    // Another took its place by hand: it is given the token that counts.
    let theirs = json!([{ "type": "frame", "url": first }]);
    server.borrow_mut().apps[0]["content"] = theirs;
    desk.tested(&id);
    let third = url();
    assert!(third != first && third != second);
    desk.stack.db.sql("UPDATE sso_keys SET expires_at = 1");
    desk.tested(&id);
    let fourth = url();
    assert_ne!(third, fourth);
    desk.stack.advance(170 * DAY);
    desk.stack.db.sql("UPDATE sessions SET expires_at = 1e18");
    desk.tested(&id);
    assert_eq!(url(), fourth);
    desk.stack.advance(20 * DAY);
    desk.tested(&id);
    assert_ne!(url(), fourth);
    assert_eq!(server.borrow().apps.len(), 1);
}

#[test]
fn where_the_page_cannot_be_made_its_url_is_shown_once() {
    let (desk, server) = Desk::with_server(Server::default());
    server.borrow_mut().is_without_apps = true;
    let made = desk.create(&with_card());
    let id = id_of(&made);
    let card = &made.json["crm_card"];
    assert_eq!(card["created"], false);
    let url = card["url"].as_str().unwrap();
    assert!(url.contains(&format!("?account={id}#token=")), "{url}");
    let before = desk.card_token_id(&id);
    // Somebody has entered it.
    let tested = desk.tested(&id);
    assert_eq!(tested.get("crm_card_url"), None);
    assert_eq!(desk.card_token_id(&id), before);
    server.borrow_mut().is_without_apps = false;
    server
        .borrow_mut()
        .apps
        .push(json!({ "id": 3, "content": [{ "type": "frame", "url": url }] }));
    assert_eq!(desk.tested(&id)["crm_card"], "created");
    assert_eq!(url_of(&server.borrow(), 0), url);
    assert_eq!(desk.card_token_id(&id), before);
}

#[test]
fn a_card_that_is_switched_off_or_whose_account_goes_is_taken_away() {
    let (desk, server) = Desk::with_server(Server::default());
    let id = id_of(&desk.create(&with_card()));
    let others =
        json!({ "id": 9, "content": [{ "type": "frame", "url": "https://crm.example/" }] });
    server.borrow_mut().apps.push(others);
    let switch = |on: bool| {
        let changed = desk.call("PATCH", &format!("/{id}"), &json!({ "crm_card": on }));
        assert_eq!(changed.status, 200, "{}", changed.text());
    };
    switch(false);
    assert_eq!(desk.tested(&id).get("crm_card"), None);
    assert_eq!(server.borrow().apps.len(), 1);
    assert_eq!(desk.card_token_id(&id), "none");
    switch(true);
    assert_eq!(desk.tested(&id)["crm_card"], "created");
    assert_eq!(server.borrow().apps.len(), 2);
    let removed = desk.call("DELETE", &format!("/{id}"), &Value::Null);
    assert_eq!(removed.status, 204);
    let left: Vec<_> = server
        .borrow()
        .apps
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(left, [json!(9)]);
    let refused = super::with(account(), "/crm_card", json!("perhaps"));
    assert_eq!(desk.create(&refused).detail(), ("crm_card", "boolean"));
}
