use super::*;
use common::ports::Queue;
use fetch_media::handler::fetch;

/// Fetches the names that were asked for; gives what Meta was asked.
fn fetch_names(inbox: &Inbox) -> Vec<String> {
    for (wake, _) in inbox.stack.ports.take_wakes(Queue::Media) {
        let log = inbox.stack.job(&wake, fetch);
        assert_eq!(log["code"], Json::Null, "{log}");
    }
    let requests_made = inbox.stack.ports.take_requests().into_iter();
    requests_made.map(|request| request.url).collect()
}

#[test]
fn a_sender_without_a_name_gets_that_of_the_profile() {
    let inbox = Inbox::new();
    inbox
        .stack
        .db
        .sql("UPDATE channels SET settings = '{\"login\":\"instagram\"}' WHERE kind = 'instagram'");
    hello(&inbox);
    ig_hello(&inbox);
    inbox.stack.ports.will(answer(
        200,
        &json!({"first_name": "Joe", "last_name": "Bloggs", "id": JOE}),
    ));
    inbox
        .stack
        .ports
        .will(answer(200, &json!({"name": " ", "username": "joe.bloggs"})));
    assert_eq!(
        fetch_names(&inbox),
        [
            format!("https://graph.facebook.com/v26.0/{JOE}?fields=first_name,last_name"),
            format!("https://graph.instagram.com/v26.0/{JOE}?fields=name,username"),
        ]
    );
    let names = "SELECT group_concat(name, '|') FROM (SELECT name FROM customers ORDER BY name)";
    assert_eq!(inbox.text(names), "Joe Bloggs|joe.bloggs");
    let handles =
        "SELECT group_concat(kind || ' ' || value || ' ' || handle) FROM identity_handles";
    assert_eq!(inbox.text(handles), format!("instagram {JOE} joe.bloggs"));
    inbox
        .stack
        .db
        .sql("DELETE FROM identities WHERE kind = 'instagram'");
    assert_eq!(inbox.count("identity_handles"), 0, "it goes with the id");
    let detail = inbox.events();
    assert_eq!(
        detail.iter().filter(|e| *e == "customer.updated").count(),
        2
    );
    let photo = json!({"type": "image", "payload": {"url": "https://a.example/b"}});
    let message = json!({"message": {"mid": "m_2", "attachments": [photo]}});
    inbox.page(&[joe(5, &message)]);
    assert_eq!(inbox.stack.ports.take_wakes(Queue::Media).len(), 1);
}

#[test]
fn a_name_that_came_meanwhile_is_kept_and_nobody_is_asked() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.stack.db.sql("UPDATE customers SET name = 'Joseph'");
    assert!(fetch_names(&inbox).is_empty());
    assert_eq!(inbox.text("SELECT name FROM customers"), "Joseph");
}

#[test]
fn without_consent_there_is_no_name_and_no_harm() {
    let inbox = Inbox::new();
    hello(&inbox);
    let refusal = json!({"error": {"code": 230, "message": "User consent is required"}});
    inbox.stack.ports.will(answer(403, &refusal));
    assert_eq!(fetch_names(&inbox).len(), 1);
    assert_eq!(inbox.count("customers WHERE name IS NULL"), 1);
    assert!(!inbox.events().contains(&"customer.updated".to_owned()));
}
