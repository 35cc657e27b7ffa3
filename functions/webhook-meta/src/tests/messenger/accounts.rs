use super::*;
use common::db::DbError;
use common::ports::Queue;
use testkit::Failure;
use webhook_meta::handler::resume_all;

#[test]
fn a_message_makes_customer_conversation_and_events_and_comes_once() {
    let inbox = Inbox::new();
    let event = joe(1_767_323_000_123, &text_event("m_1", "Hello"));
    assert_eq!(
        inbox.page(std::slice::from_ref(&event)),
        json!({"received": 1, "ignored": 0, "kept": false})
    );
    inbox.page(&[event.clone(), event]);
    let row = "SELECT m.content || '|' || i.kind || '|' || i.value || '|' || v.contact || '|'
        || v.channel || '|' || m.sent_at || '|' || v.last_inbound_at
      FROM messages m JOIN conversations v ON v.id = m.conversation_id
      JOIN identities i ON i.customer_id = m.customer_id";
    let at = "1767323000123000";
    let expected = format!("Hello|facebook|{JOE}|{JOE}|facebook|{at}|{at}");
    assert_eq!(inbox.text(row), expected);
    assert_eq!(
        inbox.events(),
        [
            "customer.created",
            "conversation.created",
            "message.received"
        ]
    );
    let woken = inbox.stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken[0], (inbox.tenant.business_id.clone(), 0));
}

#[test]
fn a_second_message_takes_the_short_way() {
    let inbox = Inbox::new();
    hello(&inbox);
    let before = inbox.stack.db.calls();
    inbox.page(&[joe(1_767_323_000_123, &text_event("m_2", "again"))]);
    assert_eq!(inbox.stack.db.calls() - before, 1);
    assert_eq!(inbox.count("messages"), 2);
}

#[test]
fn ids_come_as_numbers_too() {
    let inbox = Inbox::new();
    let body = format!(
        r#"{{"object":"page","entry":[{{"id":{PAGE},"messaging":[{{"sender":{{"id":{JOE}}},
           "recipient":{{"id":{PAGE}}},"timestamp":"1767323000123","message":{{"mid":"m_1","text":"Hi"}}}}]}}]}}"#
    );
    assert_eq!(inbox.post(&body, APP_SECRET).1["received"], 1);
    let name = "identities WHERE value = '7001234567890123'";
    assert_eq!(inbox.count(name), 1);
}

#[test]
fn the_same_person_at_both_channels_is_two_customers() {
    let inbox = Inbox::new();
    hello(&inbox);
    ig_hello(&inbox);
    assert_eq!(inbox.count("customers"), 2);
}

#[test]
fn one_post_mixes_accounts_and_what_came_by_standby() {
    let inbox = Inbox::new();
    let other = inbox.stack.tenant("Another business");
    let credentials = json!({"access_token": "t", "app_secret": APP_SECRET});
    let _theirs = inbox
        .stack
        .channel(&other, "facebook", "222", &json!({}), &credentials);
    let detail = inbox.take(&json!({"object": "page", "entry": [
        {"id": PAGE, "messaging": [joe(1, &text_event("m_1", "a"))], "standby": [joe(2, &text_event("m_2", "b"))]},
        {"id": "222", "messaging": [by("8", "222", 3, &text_event("m_3", "c"))]},
        {"id": "333", "messaging": [by("8", "333", 3, &text_event("m_4", "d"))]},
        {"id": PAGE, "messaging": [joe(4, &text_event("m_5", "e")), 7, {"sender": {"id": "1"}}]},
        {"changes": [{"field": "feed"}]}, 7
    ]}));
    assert_eq!(detail["received"], 4);
    assert_eq!(detail["ignored"], 5);
    let of = |business: &str| inbox.count(&format!("messages WHERE business_id = '{business}'"));
    assert_eq!(of(&inbox.tenant.business_id), 3);
    assert_eq!(of(&other.business_id), 1);
}

#[test]
fn either_secret_of_an_instagram_account_signs_and_no_others() {
    let inbox = Inbox::new();
    let other = inbox.stack.tenant("Another business");
    let theirs = json!({"access_token": "t", "app_secret": "theirs"});
    let _theirs = inbox
        .stack
        .channel(&other, "instagram", "99", &json!({}), &theirs);
    for (n, secret) in [APP_SECRET, SECOND_SECRET].iter().enumerate() {
        let event = ig_joe(1, &text_event(&format!("m_{n}"), "Hi"));
        let body = delivery("instagram", IG, &[event]).to_string();
        assert_eq!(inbox.post(&body, secret).0, 200);
    }
    assert_eq!(inbox.count("messages"), 2);
    let event = ig_joe(1, &text_event("m_9", "Hi"));
    let body = delivery("instagram", IG, &[event]).to_string();
    assert_eq!(
        inbox.post(&body, "theirs"),
        (401, "invalid_signature".into())
    );
    // Nor does the second one of another channel's account sign for the page.
    let body = delivery("page", PAGE, &[joe(1, &text_event("m_10", "Hi"))]).to_string();
    assert_eq!(inbox.post(&body, SECOND_SECRET).0, 401);
    assert_eq!(inbox.count("messages"), 2);
}

#[test]
fn what_is_no_json_is_refused_and_what_is_odd_is_ignored() {
    let inbox = Inbox::new();
    assert_eq!(
        inbox.post("{\"object\":", APP_SECRET),
        (400, "malformed_json".into())
    );
    for odd in [
        "null",
        "[]",
        "{\"object\":\"page\"}",
        "{\"object\":\"page\",\"entry\":{}}",
        "{\"object\":\"page\",\"entry\":[{\"id\":\"109780001234567\",\"messaging\":\"x\"}]}",
    ] {
        assert_eq!(inbox.post(odd, APP_SECRET).0, 200, "{odd}");
    }
    let unknown = json!({"pass_thread_control": {"new_owner_app_id": "1"}});
    assert_eq!(inbox.page(&[joe(1, &unknown)])["ignored"], 1);
}

#[test]
fn with_the_database_away_a_delivery_is_kept_and_taken_in_later() {
    for failure in [Failure::Before, Failure::After] {
        let inbox = Inbox::new();
        hello(&inbox);
        let away = DbError::Outage("away".into());
        inbox.stack.db.fail(failure(away));
        let body = delivery("page", PAGE, &[joe(1, &text_event("m_1", "Hi"))]).to_string();
        let (status, detail) = inbox.post(&body, APP_SECRET);
        assert_eq!((status, &detail["kept"]), (200, &json!(true)));
        inbox.stack.job("", resume_all);
        assert_eq!(inbox.count("messages"), 2);
        assert!(inbox.stack.ports.blobs.borrow().is_empty());
    }
}
