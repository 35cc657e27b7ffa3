//! Answers to comments on a page's posts.

use super::*;

/// The desk with a page, and the customer's comments on two of its posts, the newer one last.
struct Page {
    desk: Desk,
    posts: [String; 2],
}

const OLDER: &str = "019a0000-0000-7000-8000-0000000000e1";
const NEWER: &str = "019a0000-0000-7000-8000-0000000000e2";

impl Page {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let desk = Desk::of(stack, tenant, "1066", CONVERSATION);
        let sent = std::cell::Cell::new(0);
        desk.stack.ports.respond(move |_| {
            sent.set(sent.get() + 1);
            Some(answer(200, &json!({ "id": format!("2_9{}", sent.get()) })))
        });
        let token = json!({ "access_token": "t", "app_secret": "s" });
        let none = json!({});
        let channel = desk
            .stack
            .channel(&desk.tenant, "facebook_comments", "109", &none, &token);
        let posts = [OLDER, NEWER].map(str::to_owned);
        let (business, customer) = (&desk.tenant.business_id, &desk.customer_id);
        for (n, post) in posts.iter().enumerate() {
            desk.stack.db.sql(&format!(
                "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
                   last_message_at, created_at, updated_at)
                 VALUES ('{business}', '{post}', '{customer}', '{channel}', 'facebook_comments',
                   '109_{n}/7', {n}, 0, 0)"
            ));
            for (m, direction) in ["inbound", "inbound", "outbound"].iter().enumerate() {
                desk.stack.db.sql(&format!(
                    "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
                       channel_id, channel, direction, type, content, status, provider_id, updated_at)
                     VALUES ('{business}', {n}{m} + 1, '019a0000-0000-7000-8000-00000000f{n}{m}0',
                       '{post}', '{customer}', '{channel}', 'facebook_comments', '{direction}', 'text',
                       'Hi', 'received', '{n}_{m}', 0)"
                ));
            }
        }
        Self { desk, posts }
    }

    fn body(&self) -> Value {
        let id = &self.desk.customer_id;
        json!({ "customer_id": id, "channel": "facebook_comments", "content": "Thanks" })
    }

    fn with(&self, fields: Value) -> Value {
        let mut body = self.body();
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    /// The comments that were answered, and with what.
    fn answered(&self) -> Vec<(String, Value)> {
        let requests = self.desk.stack.ports.take_requests();
        let one = |request: &OutboundRequest| {
            let path = request.url.rsplit("/v26.0/").next().unwrap();
            (path.to_owned(), body_of(request))
        };
        requests.iter().map(one).collect()
    }
}

#[test]
fn an_answer_goes_to_the_latest_comment_of_the_thread_named_or_of_the_newest() {
    let page = Page::new();
    for (fields, path, post) in [
        (json!({}), "1_1/comments", 1),
        (json!({ "conversation_id": OLDER }), "0_1/comments", 0),
        (
            json!({ "conversation_id": OLDER, "reply_to": "019a0000-0000-7000-8000-00000000f000" }),
            "0_0/comments",
            0,
        ),
    ] {
        let sent = page.desk.send(&page.with(fields));
        assert_eq!(sent.status, 200, "{}", sent.text());
        let conversation = &sent.json["message"]["conversation_id"];
        assert_eq!(conversation, &json!(page.posts[post]));
        let answered = page.answered();
        assert_eq!(
            answered,
            [(path.to_owned(), json!({ "message": "Thanks" }))]
        );
    }
}

#[test]
fn an_image_and_its_words_are_one_comment_and_a_second_image_another() {
    let page = Page::new();
    let images = [1, 2].map(|n| page.desk.attachment(n, "image/png", 10));
    let sent = page.desk.send(&page.with(json!({ "attachments": images })));
    assert_eq!(sent.status, 200, "{}", sent.text());
    let answered = page.answered();
    assert_eq!(answered.len(), 2);
    assert_eq!(answered[0].1["message"], "Thanks");
    for (path, body) in &answered {
        assert_eq!(path, "1_1/comments");
        let url = body["attachment_url"].as_str().unwrap();
        assert!(url.contains("/api/download-media?id="), "{url}");
    }
    assert_eq!(answered[1].1["message"], Value::Null);
}

#[test]
fn what_a_comment_does_not_take_is_refused_before_it_is_stored() {
    let page = Page::new();
    let pdf = page.desk.attachment(1, "application/pdf", 10);
    let large = page.desk.attachment(2, "image/png", 4 * 1024 * 1024 + 1);
    for (fields, detail) in [
        (
            json!({ "content": "é".repeat(8001) }),
            ("content", "at_most_8000"),
        ),
        (
            json!({ "attachments": [pdf] }),
            ("attachments[0]", "media_type"),
        ),
        (
            json!({ "attachments": [large] }),
            ("attachments[0]", "at_most_4194304_bytes"),
        ),
        (
            json!({ "template": { "name": "x", "language": "en" } }),
            ("template", "of_channel"),
        ),
    ] {
        let refused = page.desk.send(&page.with(fields));
        assert_eq!((refused.status, refused.detail()), (422, detail));
    }
    let whole = page
        .desk
        .send(&page.with(json!({ "content": "é".repeat(8000) })));
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(page.answered().len(), 1);
}

#[test]
fn somebody_who_has_not_commented_cannot_be_answered() {
    let page = Page::new();
    let gone = "UPDATE messages SET detail = '{\"deleted\":true}' WHERE direction = 'inbound'";
    page.desk.stack.db.sql(gone);
    let refused = page.desk.send(&page.body());
    assert_eq!(refused.detail(), ("customer_id", "reachable"));
    page.desk
        .stack
        .db
        .sql("DELETE FROM conversations WHERE thread <> ''");
    let refused = page.desk.send(&page.body());
    assert_eq!(refused.detail(), ("customer_id", "reachable"));
    assert!(
        refused.text().contains("Facebook comments"),
        "{}",
        refused.text()
    );
}
