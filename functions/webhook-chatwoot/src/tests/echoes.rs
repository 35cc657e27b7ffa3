use super::{Desk, ana, message, reply};
use serde_json::json;

const OURS: &str = "01900000-0000-7000-8000-0000000000aa";

impl Desk {
    /// A message of ours in the thread, on its way.
    fn sending(&self, status: &str, provider_id: Option<&str>) {
        self.told(&message(1, 130, &ana(), "Hi"));
        let provider_id = provider_id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, content, status, provider_id, updated_at)
             SELECT business_id, created_at + 1, '{OURS}', conversation_id, customer_id, channel_id,
               channel, 'outbound', 'text', 'Yes', '{status}', {provider_id}, 0 FROM messages"
        ));
        self.stack.db.sql("DELETE FROM outbox");
    }

    fn ours(&self) -> Vec<String> {
        let ours =
            "SELECT status || ' ' || coalesce(provider_id, '-') || ' ' || content FROM messages
          WHERE direction = 'outbound' ORDER BY created_at";
        self.texts(ours)
    }
}

#[test]
fn what_an_agent_wrote_is_a_message_that_went_out_with_its_author() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    desk.told(&reply(2, 130, &ana(), "Hello, Ana"));
    assert_eq!(
        desk.messages(),
        ["received text Hi", "sent text Hello, Ana"]
    );
    let author = "SELECT detail ->> '$.author.name' FROM messages WHERE direction = 'outbound'";
    assert_eq!(desk.texts(author), ["Bo"]);
    assert_eq!(desk.events().last().unwrap(), "message.sent");
    assert_eq!(
        (desk.count("customers"), desk.count("conversations")),
        (1, 1)
    );
}

#[test]
fn what_an_agent_wrote_first_makes_the_customer_too() {
    let desk = Desk::new();
    desk.told(&reply(2, 130, &ana(), "Hello, Ana"));
    desk.told(&message(3, 130, &ana(), "Hi"));
    assert_eq!(
        (desk.count("customers"), desk.count("conversations")),
        (1, 1)
    );
    assert_eq!(desk.texts("SELECT name FROM customers"), ["Ana"]);
}

#[test]
fn our_own_message_coming_back_is_known_by_its_mark_its_id_or_its_words() {
    for status in ["queued", "uncertain"] {
        let desk = Desk::new();
        desk.sending(status, None);
        let mut own = reply(2, 130, &ana(), "Yes, rendered");
        own["content_attributes"] = json!({ "tieline": OURS });
        desk.told(&own);
        assert_eq!(desk.ours(), ["sent 2 Yes"]);
        assert_eq!(desk.events(), ["message.sent"]);
        // The same again, and its change, are nothing.
        own["event"] = "message_updated".into();
        desk.told(&own);
        assert_eq!(desk.ours(), ["sent 2 Yes"]);
        assert_eq!(desk.events().len(), 1);
    }
    let desk = Desk::new();
    desk.sending("sent", Some("2"));
    desk.told(&reply(2, 130, &ana(), "Yes"));
    assert_eq!(
        (desk.ours(), desk.events()),
        (vec!["sent 2 Yes".to_owned()], vec![])
    );
    let desk = Desk::new();
    desk.sending("uncertain", None);
    desk.told(&reply(2, 130, &ana(), "Yes"));
    assert_eq!(desk.ours(), ["sent 2 Yes"]);
    assert_eq!(desk.events(), ["message.sent"]);
}

#[test]
fn an_agents_words_in_another_thread_are_not_ours() {
    let desk = Desk::new();
    desk.sending("uncertain", None);
    desk.told(&reply(2, 131, &ana(), "Yes"));
    assert_eq!(desk.ours(), ["uncertain - Yes", "sent 2 Yes"]);
}

#[test]
fn a_mark_that_names_nothing_of_ours_is_an_agents_message() {
    let desk = Desk::new();
    let mut other = reply(2, 130, &ana(), "Yes");
    other["content_attributes"] = json!({ "tieline": OURS });
    desk.told(&other);
    assert_eq!(desk.ours(), ["sent 2 Yes"]);
}

#[test]
fn what_became_of_a_message_moves_it_and_never_back() {
    let desk = Desk::new();
    desk.sending("sent", Some("2"));
    let mut changed = reply(2, 130, &ana(), "Yes");
    changed["event"] = "message_updated".into();
    for (status, expected) in [("sent", "sent"), ("read", "read"), ("delivered", "read")] {
        changed["conversation"]["messages"][0]["status"] = status.into();
        desk.told(&changed);
        assert_eq!(desk.ours(), [format!("{expected} 2 Yes")]);
    }
    assert_eq!(desk.events(), ["message.status_changed"]);
}

#[test]
fn a_message_that_the_channel_did_not_take_has_failed_with_its_words() {
    let desk = Desk::new();
    desk.sending("sent", Some("2"));
    let mut failed = reply(2, 130, &ana(), "Yes");
    failed["event"] = "message_updated".into();
    failed["content_attributes"] =
        json!({ "tieline": OURS, "external_error": "Out of the window" });
    failed["conversation"]["messages"][0]["status"] = "failed".into();
    desk.told(&failed);
    assert_eq!(desk.ours(), ["failed 2 Yes"]);
    let error = "SELECT error ->> 'message' FROM messages WHERE direction = 'outbound'";
    assert_eq!(desk.texts(error), ["Out of the window"]);
}
