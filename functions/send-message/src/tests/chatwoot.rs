//! Answers in conversations of accounts of Chatwoot.

use super::*;
use common::ports::OutboundResponse;
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{refused, timed_out};

const THREAD: &str = "42";
const CONVERSATION: &str = "019a0000-0000-7000-8000-000000000042";

/// A customer who has written by the chat of a web page.
struct Chat {
    desk: Desk,
    listed: Rc<RefCell<Vec<Value>>>,
}

type Outcome = Result<OutboundResponse, common::ports::FetchError>;

impl Chat {
    fn new() -> Self {
        let desk = Desk::new();
        let settings = json!({ "base_url": "https://chat.example.com", "account_id": "3" });
        let token = json!({ "access_token": "agents-token" });
        let address = "chat.example.com#3";
        let id = desk
            .stack
            .channel(&desk.tenant, "chatwoot", address, &settings, &token);
        desk.stack.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
               last_message_at, created_at, updated_at)
             VALUES ('{}', '{CONVERSATION}', '{}', '{id}', 'web', '{THREAD}', 1, 0, 0)",
            desk.tenant.business_id, desk.customer_id
        ));
        let listed = Rc::<RefCell<Vec<Value>>>::default();
        let (list, messages) = (listed.clone(), std::cell::Cell::new(900));
        desk.stack.ports.respond(move |request| {
            if request.method == "GET" {
                return Some(answer(200, &json!({ "payload": *list.borrow() })));
            }
            messages.set(messages.get() + 1);
            Some(answer(200, &json!({ "id": messages.get() })))
        });
        Self { desk, listed }
    }

    fn send(&self, more: &Value) -> Answer {
        let mut body = json!({
            "customer_id": "CRM-12345", "channel": "web", "conversation_id": CONVERSATION
        });
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        self.desk.send(&body)
    }

    fn will(&self, outcome: Outcome) {
        self.desk.stack.ports.will(outcome);
    }

    fn states(&self) -> String {
        let states = "SELECT group_concat(status || coalesce(provider_id, '-')) FROM (
            SELECT status, provider_id FROM messages ORDER BY created_at)";
        self.desk.text_in(states)
    }

    /// A message as Chatwoot lists it, made when our clock stood there.
    fn list(&self, id: u32, content: &str, mark: Option<&str>) {
        let at = self.desk.stack.now().micros() / SECOND;
        let mark = mark.map_or_else(|| json!({}), |id| json!({ "tieline": id }));
        self.listed.borrow_mut().push(json!({
            "id": id, "content": content, "message_type": 1, "private": false, "status": "sent",
            "created_at": at, "content_attributes": mark
        }));
    }

    /// Does what the queue woke for once its time has come.
    fn wait(&self) -> usize {
        let wakes = self.desk.stack.ports.take_wakes(Queue::Sends);
        for (message, delay) in &wakes {
            self.desk.stack.advance(i64::from(*delay) * SECOND);
            self.desk.stack.job(message, resume);
        }
        wakes.len()
    }

    fn methods(&self) -> Vec<&'static str> {
        let requests = self.desk.stack.ports.take_requests();
        requests.iter().map(|request| request.method).collect()
    }
}

#[test]
fn an_answer_goes_into_its_conversation_marked_and_never_as_a_template_of_theirs() {
    let chat = Chat::new();
    let sent = chat.send(&json!({ "content": "Hi {{contact.email}}" }));
    assert_eq!(sent.status, 200, "{}", sent.json);
    assert_eq!(sent.json["message"]["provider_id"], "901");
    assert_eq!(sent.json["message"]["conversation_id"], CONVERSATION);
    let request = chat.desk.stack.ports.take_requests().remove(0);
    let url = "https://chat.example.com/api/v1/accounts/3/conversations/42/messages";
    assert_eq!((request.method, request.url.as_str()), ("POST", url));
    let token = ("api-access-token", "agents-token".to_owned());
    assert!(request.headers.contains(&token));
    let body = body_of(&request);
    assert_eq!(
        body["content_attributes"]["tieline"],
        sent.json["message"]["id"]
    );
    assert_eq!(body["echo_id"], sent.json["message"]["id"]);
    assert_eq!(body["message_type"], "outgoing");
    // Chatwoot would take it for the channel's own, and never send it.
    assert_eq!(body.get("source_id"), None);
    assert!(!body["content"].as_str().unwrap().contains("{{contact"));
}

#[test]
fn an_answer_finds_its_conversation_by_the_channel_alone() {
    let chat = Chat::new();
    let body = json!({ "customer_id": "CRM-12345", "channel": "web", "content": "Hi" });
    let sent = chat.desk.send(&body);
    assert_eq!(sent.status, 200, "{}", sent.json);
    assert_eq!(sent.json["message"]["conversation_id"], CONVERSATION);
}

#[test]
fn files_go_within_one_message_and_its_form() {
    let chat = Chat::new();
    let ids = [1, 2].map(|n| chat.desk.attachment(n, "image/png", 50));
    let sent = chat.send(&json!({ "content": "Look", "attachments": ids }));
    assert_eq!(sent.status, 200, "{}", sent.json);
    let requests = chat.desk.stack.ports.take_requests();
    assert_eq!(requests.len(), 1);
    let (_, content_type) = requests[0].headers.last().unwrap();
    assert!(
        content_type.starts_with("multipart/form-data"),
        "{content_type}"
    );
    let body = String::from_utf8_lossy(requests[0].body.as_deref().unwrap()).into_owned();
    assert_eq!(body.matches("name=\"attachments[]\"").count(), 2);
    assert!(body.contains("Look") && !body.contains("source_id"));
}

#[test]
fn what_chatwoot_refuses_has_failed_and_what_it_puts_off_waits() {
    for (outcome, state) in [
        (
            answer(404, &json!({ "error": "Resource could not be found" })),
            "failed-",
        ),
        (
            answer(422, &json!({ "error": "Content is too long" })),
            "failed-",
        ),
        (
            answer(401, &json!({ "error": "Invalid Access Token" })),
            "failed-",
        ),
        (answer(429, &json!("Retry later")), "queued-"),
        (refused(), "queued-"),
        (answer(502, &json!("<html>")), "uncertain-"),
        (timed_out(), "uncertain-"),
    ] {
        let chat = Chat::new();
        chat.will(outcome);
        let sent = chat.send(&json!({ "content": "Hi" }));
        assert_eq!(chat.states(), state, "{}", sent.text());
        assert_eq!(chat.methods(), ["POST"]);
    }
    let chat = Chat::new();
    chat.will(answer(401, &json!({ "error": "Invalid Access Token" })));
    chat.send(&json!({ "content": "Hi" }));
    let reason = "SELECT status_reason FROM channels WHERE kind = 'chatwoot'";
    assert!(chat.desk.text_in(reason).contains("refuses the token"));
}

#[test]
fn an_answer_that_was_lost_is_found_by_its_mark_and_not_posted_again() {
    let chat = Chat::new();
    chat.will(timed_out());
    let unsure = chat.send(&json!({ "content": "Hi" }));
    assert_eq!(unsure.json["message"]["status"], "uncertain");
    let id = unsure.json["message"]["id"].as_str().unwrap().to_owned();
    // Another of ours says the same, and came before.
    chat.list(5, "Hi", Some("019a0000-0000-7000-8000-0000000000ff"));
    chat.list(6, "Hi", Some(&id));
    assert_eq!(chat.wait(), 1);
    assert_eq!(chat.states(), "sent6");
    assert_eq!(chat.methods(), ["POST", "GET"]);
    assert_eq!(chat.wait(), 0);
}

#[test]
fn what_is_marked_as_another_message_is_never_taken_for_the_lost_one() {
    let chat = Chat::new();
    chat.will(timed_out());
    chat.send(&json!({ "content": "Hi" }));
    chat.list(5, "Hi", Some("019a0000-0000-7000-8000-0000000000ff"));
    while chat.wait() > 0 {}
    assert_eq!(chat.states(), "uncertain-");
    assert_eq!(chat.methods(), ["POST", "GET", "GET", "GET"]);
}

#[test]
fn a_server_that_drops_marks_is_searched_for_the_text() {
    let chat = Chat::new();
    chat.will(timed_out());
    chat.send(&json!({ "content": "Hi" }));
    chat.list(4, "Hello", None);
    chat.list(5, "Hi", None);
    assert_eq!(chat.wait(), 1);
    assert_eq!(chat.states(), "sent5");
}
