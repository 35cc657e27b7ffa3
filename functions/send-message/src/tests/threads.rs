//! What is said to customers whose conversations a provider tells apart itself.

use super::*;

impl Desk {
    /// Makes the conversation one of the provider's threads.
    fn is_thread(&self, thread: &str) {
        self.stack
            .db
            .sql(&format!("UPDATE conversations SET thread = '{thread}'"));
    }
}

#[test]
fn a_message_goes_into_the_thread_that_it_names_and_into_no_other() {
    let desk = Desk::new();
    desk.is_thread("7");
    let mut body = desk.text();
    body["conversation_id"] = desk.conversation_id.as_str().into();
    let named = desk.send(&body);
    assert_eq!(named.status, 200, "{}", named.json);
    assert_eq!(
        named.json["message"]["conversation_id"],
        desk.conversation_id
    );
    // Nobody said which: no thread is picked by chance.
    let unnamed = desk.send(&desk.text());
    assert_eq!(unnamed.status, 200, "{}", unnamed.json);
    let begun = &unnamed.json["message"]["conversation_id"];
    assert_ne!(begun, &json!(desk.conversation_id));
    let events = "message.sent conversation.created message.sent";
    assert_eq!(desk.events(), events);
    let again = desk.send(&desk.text());
    assert_eq!(&again.json["message"]["conversation_id"], begun);
    let counts = "SELECT group_concat(thread || message_count, ' ') FROM
        (SELECT thread, message_count FROM conversations ORDER BY thread DESC)";
    assert_eq!(desk.text_in(counts), "71 2");
}
