//! Comments on the posts of a page.

mod answers;

use super::{events, signed};
use common::db::Value;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use testkit::{ACCESS_TOKEN, APP_SECRET, Stack, Tenant, answer, timed_out};

const PAGE: &str = "109780001234567";
const POST: &str = "109780001234567_690";
const JOE: &str = "6780462125377510";
const ANN: &str = "7001234567890123";
/// A second, in microseconds.
const SECOND: i64 = 1_000_000;

thread_local! {
    static PAGES: Cell<i64> = const { Cell::new(0) };
}

/// A business with a page, whose comments it takes in.
struct Page {
    stack: Stack,
    tenant: Tenant,
}

impl Page {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    fn with(settings: &Json) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        // An isolate trusts for a while what it knows of the accounts, which a test's thread is, too.
        let before = PAGES.replace(PAGES.get() + 1);
        stack.advance((before + 1) * 60 * SECOND);
        let credentials = json!({"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET});
        let _page = stack.channel(&tenant, "facebook_comments", PAGE, settings, &credentials);
        Self { stack, tenant }
    }

    fn post(&self, values: &[Json]) -> Json {
        let answer = signed(&self.stack, APP_SECRET, &self.delivery(values).to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json
    }

    fn delivery(&self, values: &[Json]) -> Json {
        let change = |value: &Json| json!({"field": "feed", "value": value});
        let changes: Vec<_> = values.iter().map(change).collect();
        let entry = json!({"id": PAGE, "time": self.seconds(), "changes": changes});
        json!({"object": "page", "entry": [entry]})
    }

    fn seconds(&self) -> i64 {
        self.stack.now().micros() / SECOND
    }

    /// A comment by somebody below the post, or below another.
    fn comment(&self, by: &str, id: &str, message: &str, parent: &str) -> Json {
        json!({
            "item": "comment", "verb": "add", "comment_id": id, "post_id": POST,
            "parent_id": parent, "created_time": self.seconds(), "message": message,
            "from": {"id": by, "name": format!("Person {by}")},
            "post": {"id": POST, "permalink_url": "https://www.facebook.com/shop/posts/1",
                "message": "We are hiring!"},
        })
    }

    fn did(&self, verb: &str, id: &str, message: &str) -> Json {
        let mut value = self.comment(JOE, id, message, POST);
        value["verb"] = verb.into();
        value
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.stack.db.sql(sql).into_iter().flatten();
        rows.filter_map(Value::into_text).collect()
    }

    /// The messages in order, as `direction type content status`.
    fn messages(&self) -> Vec<String> {
        self.texts(
            "SELECT direction || ' ' || type || ' ' || content || ' ' || status
             FROM messages ORDER BY created_at",
        )
    }

    fn detail(&self, provider_id: &str) -> Json {
        let sql = format!("SELECT detail FROM messages WHERE provider_id = '{provider_id}'");
        serde_json::from_str(&self.texts(&sql)[0]).unwrap()
    }

    /// Answers the customer's newest comment.
    fn send(&self, person: &str, text: &str) -> testkit::Answer {
        let customer = format!("SELECT customer_id FROM identities WHERE value = '{person}'");
        let customer = &self.texts(&customer)[0];
        let call = self.stack.call("send-message", "POST", "/api-send-message");
        let body =
            json!({"customer_id": customer, "channel": "facebook_comments", "content": text});
        let call = call.key(&self.tenant.api_key).json(&body);
        call.send(send_message::handler::handle)
    }

    fn sent(&self) -> Vec<(String, Json)> {
        let requests = self.stack.ports.take_requests();
        let one = |request: common::ports::OutboundRequest| {
            let body = serde_json::from_slice(request.body.as_deref().unwrap_or(b"null"));
            (request.url, body.unwrap())
        };
        requests.into_iter().map(one).collect()
    }
}

#[test]
fn each_persons_comments_on_a_post_are_a_conversation_whose_subject_is_the_post() {
    let page = Page::new();
    let receipt = page.post(&[
        page.comment(JOE, "690_1", "Is it open?", POST),
        page.comment(ANN, "690_2", "I wonder, too", "690_1"),
        page.comment(JOE, "690_3", "Hello?", POST),
    ]);
    assert_eq!(receipt["received"], 3);
    assert_eq!(
        page.messages(),
        [
            "inbound text Is it open? received",
            "inbound text I wonder, too received",
            "inbound text Hello? received",
        ]
    );
    let threads = "SELECT v.thread || ' ' || v.message_count || ' ' || c.name FROM conversations v
                   JOIN customers c ON c.id = v.customer_id ORDER BY v.thread";
    assert_eq!(
        page.texts(threads),
        [
            format!("{POST}/{JOE} 2 Person {JOE}"),
            format!("{POST}/{ANN} 1 Person {ANN}"),
        ]
    );
    assert_eq!(page.detail("690_1")["subject"], "We are hiring!");
    let url = "https://www.facebook.com/shop/posts/1";
    assert_eq!(
        page.detail("690_1")["post"],
        json!({"id": POST, "url": url})
    );
    // What Ann answered is Joe's, so that her message does not lead to it.
    let replies = "SELECT count(*) || '' FROM messages WHERE reply_to IS NOT NULL";
    assert_eq!(page.texts(replies), ["0"]);
    let told = [
        "customer.created",
        "conversation.created",
        "message.received",
    ];
    for event in told {
        assert!(
            events(&page.stack).iter().any(|told| told == event),
            "{event}"
        );
    }
}

#[test]
fn a_delivery_that_comes_again_changes_nothing() {
    let page = Page::new();
    let delivery = page.delivery(&[
        page.comment(JOE, "690_1", "Is it open?", POST),
        page.did("edited", "690_1", "Is it open now?"),
        page.did("hide", "690_1", ""),
    ]);
    let before = |page: &Page| (page.messages(), page.detail("690_1"), events(&page.stack));
    let take = || signed(&page.stack, APP_SECRET, &delivery.to_string()).status;
    assert_eq!(take(), 200);
    let stood = before(&page);
    assert_eq!(take(), 200);
    assert_eq!(before(&page), stood);
    assert_eq!(page.messages(), ["inbound text Is it open now? received"]);
}

#[test]
fn an_edit_that_came_before_its_comment_waits_for_it() {
    let page = Page::new();
    let comment = page.comment(JOE, "690_1", "Helo", POST);
    page.stack.advance(5 * SECOND);
    page.post(&[page.did("edited", "690_1", "Hello")]);
    page.post(&[comment]);
    assert_eq!(page.messages(), ["inbound text Hello received"]);
    // One of before says nothing any more.
    let mut late = page.did("edited", "690_1", "Hel");
    late["created_time"] = 1.into();
    let mut late = page.delivery(&[late]);
    late["entry"][0]["time"] = 1.into();
    assert_eq!(
        signed(&page.stack, APP_SECRET, &late.to_string()).status,
        200
    );
    assert_eq!(page.messages(), ["inbound text Hello received"]);
}

#[test]
fn a_removal_that_came_before_its_comment_waits_for_it() {
    let page = Page::new();
    let comment = page.comment(JOE, "690_1", "Something rude", POST);
    page.post(&[page.did("remove", "690_1", "")]);
    page.post(&[comment]);
    assert_eq!(page.messages(), ["inbound text  received"]);
    let detail = page.detail("690_1");
    assert_eq!(detail["deleted"], true);
    assert_eq!(detail["subject"], "We are hiring!");
}

#[test]
fn what_is_removed_is_gone_but_for_the_post_that_it_was_on() {
    let page = Page::new();
    page.post(&[page.comment(JOE, "690_1", "Something rude", POST)]);
    page.post(&[page.did("remove", "690_1", "")]);
    assert_eq!(page.messages(), ["inbound text  received"]);
    let detail = page.detail("690_1");
    assert_eq!(detail["deleted"], true);
    assert_eq!(detail["subject"], "We are hiring!");
    assert_eq!(detail["post"]["id"], POST);
    assert_eq!(events(&page.stack).last().unwrap(), "message.updated");
    // It cannot come back.
    page.post(&[page.did("edited", "690_1", "Something rude")]);
    assert_eq!(page.messages(), ["inbound text  received"]);
    // Nobody can be answered there.
    let refused = page.send(JOE, "Hi");
    assert_eq!(refused.refusal(), (422, "invalid_request"));
    assert!(refused.text().contains("reachable"), "{}", refused.text());
}

#[test]
fn what_is_hidden_is_marked_and_shown_again_in_whatever_order() {
    let page = Page::new();
    page.post(&[page.comment(JOE, "690_1", "Something rude", POST)]);
    page.stack.advance(SECOND);
    let hide = page.delivery(&[page.did("hide", "690_1", "")]);
    page.stack.advance(SECOND);
    let unhide = page.delivery(&[page.did("unhide", "690_1", "")]);
    let take = |delivery: &Json| {
        assert_eq!(
            signed(&page.stack, APP_SECRET, &delivery.to_string()).status,
            200
        );
        page.detail("690_1")["hidden"].clone()
    };
    assert_eq!(take(&hide), true);
    assert_eq!(events(&page.stack).last().unwrap(), "message.updated");
    let count = events(&page.stack).len();
    assert_eq!(take(&hide), true);
    assert_eq!(events(&page.stack).len(), count);
    assert_eq!(take(&unhide), false);
    assert_eq!(take(&hide), false);
    assert_eq!(page.detail("690_1")["subject"], "We are hiring!");
    assert_eq!(page.messages(), ["inbound text Something rude received"]);
}

#[test]
fn only_links_are_kept_where_the_account_says_so() {
    for (settings, files) in [(json!({}), "1"), (json!({"store_media": "false"}), "0")] {
        let page = Page::with(&settings);
        let mut photo = page.comment(JOE, "690_1", "Look", POST);
        photo["photo"] = "https://scontent.xx.fbcdn.net/v/1.jpg".into();
        page.post(&[photo]);
        assert_eq!(page.messages(), ["inbound image Look received"]);
        assert_eq!(
            page.texts("SELECT count(*) || '' FROM attachments"),
            [files]
        );
    }
}

#[test]
fn a_page_may_be_connected_for_its_messages_for_its_comments_and_for_both() {
    let page = Page::new();
    let message = json!({"sender": {"id": JOE}, "recipient": {"id": PAGE}, "timestamp": 1,
        "message": {"mid": "m_1", "text": "Hello"}});
    let mut both = page.delivery(&[page.comment(JOE, "690_1", "Is it open?", POST)]);
    let chat = json!({"id": PAGE, "time": 1, "messaging": [message]});
    both["entry"].as_array_mut().unwrap().push(chat);
    let take = || signed(&page.stack, APP_SECRET, &both.to_string()).json;
    assert_eq!(take()["received"], 1);
    assert_eq!(page.messages(), ["inbound text Is it open? received"]);
    // Connected for its messages as well. What an isolate knows of the page is a while old by then.
    let credentials = json!({"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET});
    let _page = page
        .stack
        .channel(&page.tenant, "facebook", PAGE, &json!({}), &credentials);
    page.stack.advance(60 * SECOND);
    assert_eq!(take()["received"], 2);
    let channels = "SELECT channel FROM messages ORDER BY created_at";
    assert_eq!(page.texts(channels), ["facebook_comments", "facebook"]);
    // Where Meta gives the same id, it is the same customer.
    assert_eq!(page.texts("SELECT count(*) || '' FROM customers"), ["1"]);
}

#[test]
fn another_apps_signature_is_worth_nothing() {
    let page = Page::new();
    let delivery = page.delivery(&[page.comment(JOE, "690_1", "forged", POST)]);
    let refused = signed(&page.stack, "another secret", &delivery.to_string());
    assert_eq!(refused.refusal(), (401, "invalid_signature"));
    assert!(page.messages().is_empty());
}
