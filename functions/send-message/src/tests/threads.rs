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

/// The desk with an account of a source of conversations, and the customer's threads there.
struct Source {
    desk: Desk,
    channel_id: String,
}

impl Source {
    fn new(threads: &[(&str, &str)]) -> Self {
        let desk = Desk::new();
        let (settings, token) = (json!({}), json!({ "access_token": "t" }));
        let channel_id =
            desk.stack
                .channel(&desk.tenant, "chatwoot", "chat.example", &settings, &token);
        let now = desk.stack.now().micros();
        for (n, (thread, channel)) in threads.iter().enumerate() {
            desk.stack.db.sql(&format!(
                "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
                   last_message_at, created_at, updated_at)
                 VALUES ('{}', '{}', '{}', '{channel_id}', '{channel}', '{thread}', {now} + {n} + 1, 0, 0)",
                desk.tenant.business_id,
                conversation_of(thread),
                desk.customer_id
            ));
        }
        Self { desk, channel_id }
    }

    /// Which field is refused, and by which rule.
    fn refusal(&self, more: &Value) -> (u16, String) {
        let mut body = json!({ "customer_id": "CRM-12345", "content": "Hi!" });
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let answer = self.desk.send(&body);
        let (path, rule) = answer.detail();
        (answer.status, format!("{path} {rule}"))
    }
}

fn conversation_of(thread: &str) -> String {
    format!("019a0000-0000-7000-8000-00000000000{thread}")
}

#[test]
fn a_channel_without_accounts_of_its_own_is_written_to_in_the_newest_thread() {
    let none = Source::new(&[("7", "telegram")]);
    let refused = none.refusal(&json!({ "channel": "web" }));
    assert_eq!(refused, (422, "customer_id reachable".into()));
    let unknown = none.refusal(&json!({ "channel": "web", "customer_id": "nobody" }));
    assert_eq!(unknown.0, 404);
    // What is found is on an account by which nothing can be sent.
    let found = (422, "channel_id sends".to_owned());
    assert_eq!(none.refusal(&json!({ "channel": "telegram" })), found);
    let of_account = json!({ "channel": "telegram", "channel_id": none.channel_id });
    assert_eq!(none.refusal(&of_account), found);
    let of_another = json!({ "channel": "telegram", "channel_id": none.desk.channel_id });
    let refused = none.refusal(&of_another);
    assert_eq!(refused, (422, "customer_id reachable".into()));
    none.desk
        .stack
        .db
        .sql("UPDATE channels SET status = 'disabled'");
    let refused = none.refusal(&json!({ "channel": "telegram" }));
    assert_eq!(refused, (422, "customer_id reachable".into()));
    let messages = none.desk.text_in("SELECT count(*) || '' FROM messages");
    assert_eq!(messages, "0");
}

#[test]
fn what_a_message_may_be_depends_on_the_account_and_not_on_the_channel_behind_it() {
    let source = Source::new(&[("7", "whatsapp")]);
    let in_thread = |more: Value| {
        let mut body = json!({ "channel": "whatsapp", "conversation_id": conversation_of("7") });
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        source.refusal(&body)
    };
    // More than WhatsApp takes, and from somebody who never wrote.
    let sends = (422, "channel_id sends".to_owned());
    assert_eq!(in_thread(json!({ "content": "x".repeat(5000) })), sends);
    let too_long = in_thread(json!({ "content": "x".repeat(150_001) }));
    assert_eq!(too_long, (422, "content at_most_150000".into()));
    let template = json!({ "template": { "name": "hello", "language": "en" } });
    assert_eq!(in_thread(template), (422, "template of_channel".into()));
    let other_channel = in_thread(json!({ "channel": "sms" }));
    assert_eq!(other_channel, (422, "conversation_id of_channel".into()));
    let too_long = source.refusal(&json!({ "channel": "whatsapp", "content": "x".repeat(5000) }));
    assert_eq!(too_long, (422, "content at_most_4096".into()));
}

#[test]
fn a_channel_with_accounts_of_its_own_is_written_to_by_those() {
    let source = Source::new(&[("7", "whatsapp")]);
    let desk = &source.desk;
    // The thread is newer than the conversation there.
    let calls = desk.stack.db.calls();
    let answer = desk.send(&desk.text());
    assert_eq!(desk.stack.db.calls() - calls, 3);
    assert_eq!(answer.status, 200, "{}", answer.json);
    let message = &answer.json["message"];
    assert_eq!(message["conversation_id"], desk.conversation_id);
    assert_eq!(message["channel"], "whatsapp");
    // Which thread, the account does not say.
    let of_account = json!({ "channel": "whatsapp", "channel_id": source.channel_id });
    let refused = source.refusal(&of_account);
    assert_eq!(refused, (422, "channel_id of_channel".into()));
}
