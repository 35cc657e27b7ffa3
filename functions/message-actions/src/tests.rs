use common::db::Value;
use common::http::Method;
use message_actions::handler::handle;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use testkit::{ACCESS_TOKEN, APP_SECRET, Answer, Stack, Tenant, answer, timed_out};

const PAGE: &str = "109780001234567";
const POST: &str = "109780001234567_690";
const JOE: &str = "6780462125377510";
/// A day, in microseconds.
const DAY: i64 = 24 * 3600 * 1_000_000;

thread_local! {
    static DESKS: Cell<i64> = const { Cell::new(0) };
}

/// A business with a page, and a comment of Joe's on its post.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    session: String,
    /// The comment.
    id: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        // An isolate trusts for a while what it knows of the accounts, which a test's thread is, too.
        let before = DESKS.replace(DESKS.get() + 1);
        stack.advance((before + 1) * 60 * 1_000_000);
        let credentials = json!({"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET});
        let _page = stack.channel(&tenant, "facebook_comments", PAGE, &json!({}), &credentials);
        let session = stack.session(&tenant);
        let mut desk = Self {
            stack,
            tenant,
            session,
            id: String::new(),
        };
        desk.id = desk.commented(JOE, "690_1", "Is it open?");
        desk
    }

    /// Somebody comments, and our id of it.
    fn commented(&self, by: &str, id: &str, message: &str) -> String {
        let seconds = self.stack.now().micros() / 1_000_000;
        let value = json!({
            "item": "comment", "verb": "add", "comment_id": id, "post_id": POST,
            "parent_id": if by == PAGE { "690_1" } else { POST }, "created_time": seconds,
            "message": message, "from": {"id": by, "name": "Joe Bloggs"},
        });
        let changes = json!([{"field": "feed", "value": value}]);
        let delivery = json!({"object": "page", "entry": [
            {"id": PAGE, "time": seconds, "changes": changes}]})
        .to_string();
        let signature =
            common::signatures::hmac_sha256_hex(APP_SECRET.as_bytes(), delivery.as_bytes());
        let call = self.stack.call("webhook-meta", "POST", "/webhook-meta");
        let call = call.header("x-hub-signature-256", &format!("sha256={signature}"));
        let taken = call.body(delivery).send(webhook_meta::handler::handle);
        assert_eq!(taken.status, 200, "{}", taken.text());
        self.text(&format!(
            "SELECT id FROM messages WHERE provider_id = '{id}'"
        ))
    }

    fn call(&self, method: Method, path: &str, body: &Json) -> Answer {
        let path = format!("/api/dashboard/messages/{path}");
        let call = self.stack.call("message-actions", method.as_str(), &path);
        call.bearer(&self.session)
            .json_unless_null(body)
            .send(handle)
    }

    fn reply(&self, text: &str) -> Answer {
        let path = format!("{}/private-reply", self.id);
        self.call(Method::Post, &path, &json!({"text": text}))
    }

    fn act(&self, what: &str) -> Answer {
        self.call(Method::Post, &format!("{}/{what}", self.id), &Json::Null)
    }

    fn delete(&self) -> Answer {
        self.call(Method::Delete, &self.id, &Json::Null)
    }

    fn inbox(&self, customer: Option<&str>, body: &Json) -> Answer {
        let token = self.stack.inbox_token(&self.tenant, customer, None).token;
        let call = self
            .stack
            .call("message-actions", "POST", "/embed/api/comments");
        call.bearer(&token).json(body).send(handle)
    }

    fn will(&self, status: u16, body: Json) {
        self.stack.ports.will(answer(status, &body));
    }

    fn text(&self, sql: &str) -> String {
        self.stack.db.value(sql).into_text().unwrap_or_default()
    }

    fn detail(&self) -> Json {
        let detail = self.text(&format!(
            "SELECT detail FROM messages WHERE id = '{}'",
            self.id
        ));
        serde_json::from_str(&detail).unwrap()
    }

    fn events(&self) -> Vec<String> {
        let rows = self
            .stack
            .db
            .sql("SELECT event FROM outbox ORDER BY sequence");
        rows.into_iter()
            .flatten()
            .filter_map(Value::into_text)
            .collect()
    }

    /// The method, the path and the body of what Meta was asked.
    fn asked(&self) -> Vec<(String, Json)> {
        let requests = self.stack.ports.take_requests().into_iter();
        let one = |request: common::ports::OutboundRequest| {
            let path = request.url.rsplit("/v26.0/").next().unwrap().to_owned();
            let body = request.body.as_deref().unwrap_or(b"null");
            (
                format!("{} {path}", request.method),
                serde_json::from_slice(body).unwrap(),
            )
        };
        requests.map(one).collect()
    }
}

fn asks_for_a_session(method: &str, path: &str) {
    let (stack, tenant) = Stack::with_tenant();
    let target = format!("/api/dashboard/messages/{path}");
    stack.asks_for_a_session(&tenant, ("message-actions", method, &target), handle);
}

fn taken() -> Json {
    json!({"recipient_id": "7001", "message_id": "m_1"})
}

fn refused() -> Json {
    json!({"error": {"message": "(#10900) Activity already replied to", "code": 10900}})
}

#[test]
fn comment_reply_privately_answers_with_the_message_that_the_writer_alone_gets() {
    let desk = Desk::new();
    desk.will(200, taken());
    let replied = desk.reply("We are open until eight.");
    assert_eq!(replied.status, 200, "{}", replied.text());
    let message = &replied.json["message"];
    assert_eq!(message["content"], "We are open until eight.");
    assert_eq!(message["detail"], json!({"private_reply": true}));
    assert_eq!(
        (&message["status"], &message["reply_to"]),
        (&json!("sent"), &json!(desk.id))
    );
    let expected = json!({
        "recipient": {"comment_id": "690_1"}, "messaging_type": "RESPONSE",
        "message": {"text": "We are open until eight."},
    });
    assert_eq!(desk.asked(), [(format!("POST {PAGE}/messages"), expected)]);
    assert_eq!(desk.detail()["private_reply_id"], message["id"]);
    assert_eq!(desk.events().last().unwrap(), "message.updated");
    // What all see goes below the comment as before, not below the message.
    desk.will(200, json!({"id": "690_8"}));
    let body = json!({"conversation_id": message["conversation_id"], "channel": "facebook_comments",
        "content": "See your messages", "reply_to": message["id"]});
    let call = desk.stack.call("send-message", "POST", "/api-send-message");
    let sent = call
        .key(&desk.tenant.api_key)
        .json(&body)
        .send(send_message::handler::handle);
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(desk.asked()[0].0, "POST 690_1/comments");
}

#[test]
fn a_comment_has_one_private_reply_however_it_was_sent() {
    let desk = Desk::new();
    desk.will(200, taken());
    let first = desk.reply("Hi").json["message"]["id"].clone();
    let again = desk.reply("Hi again");
    assert_eq!(again.refusal(), (409, "conflict"));
    assert!(again.text().contains(first.as_str().unwrap()));
    assert_eq!(desk.asked().len(), 1);
    // Nobody knows of this one, so that it may be there.
    let desk = Desk::new();
    desk.stack.ports.will(timed_out());
    let unsure = desk.reply("Hi");
    assert_eq!(
        (unsure.status, &unsure.json["message"]["status"]),
        (202, &json!("uncertain"))
    );
    assert_eq!(desk.reply("Hi").refusal(), (409, "conflict"));
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn a_private_reply_that_meta_refused_is_none_and_may_be_tried_again() {
    let desk = Desk::new();
    for _ in 0..2 {
        desk.will(400, refused());
        let answer = desk.reply("Hi");
        assert_eq!(answer.refusal(), (422, "provider_rejected"));
        assert!(
            answer.text().contains("already replied"),
            "{}",
            answer.text()
        );
    }
    desk.will(200, taken());
    assert_eq!(desk.reply("Hi").status, 200);
    assert_eq!(desk.asked().len(), 3);
}

#[test]
fn two_private_replies_at_once_are_one_and_the_slower_is_told() {
    let desk = Desk::new();
    let quicker = Desk {
        stack: desk.stack.clone(),
        tenant: desk.tenant.clone(),
        session: desk.session.clone(),
        id: desk.id.clone(),
    };
    desk.stack.db.before_next_batch(move || {
        quicker.will(200, taken());
        assert_eq!(quicker.reply("The quicker").status, 200);
    });
    let slower = desk.reply("The slower");
    assert_eq!(slower.refusal(), (409, "conflict"), "{}", slower.text());
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn comment_reply_privately_refuses_invalid_input() {
    let desk = Desk::new();
    let path = format!("{}/private-reply", desk.id);
    for (body, detail) in [
        (json!({}), ("text", "required")),
        (json!({"text": " "}), ("text", "required")),
        (json!({"text": 7}), ("text", "text")),
        (
            json!({"text": "é".repeat(2001)}),
            ("text", "at_most_2000_characters"),
        ),
        (json!({"text": "Hi", "to": "x"}), ("to", "unknown")),
        (json!([]), ("body", "object")),
    ] {
        let answer = desk.call(Method::Post, &path, &body);
        assert_eq!((answer.status, answer.detail()), (422, detail), "{body}");
    }
    let body = json!({"text": "Hi"});
    for id in ["no id", "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000"] {
        let path = format!("{}/private-reply", id.replace(' ', "%20"));
        let answer = desk.call(Method::Post, &path, &body);
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
    desk.stack.advance(7 * DAY);
    let late = Desk {
        session: desk.stack.session(&desk.tenant),
        ..desk
    };
    assert_eq!(late.reply("Hi").refusal(), (422, "outside_window"));
    assert!(late.asked().is_empty());
}

#[test]
fn what_the_page_wrote_is_deleted_but_neither_hidden_nor_answered_privately() {
    let desk = Desk::new();
    let own = Desk {
        id: desk.commented(PAGE, "690_2", "Come in"),
        ..desk
    };
    for answer in [own.reply("Hi"), own.act("hide"), own.act("unhide")] {
        assert_eq!((answer.status, answer.detail()), (422, ("id", "inbound")));
    }
    own.will(200, json!({"success": true}));
    assert_eq!(own.delete().status, 200);
    assert_eq!(own.asked(), [("DELETE 690_2".to_owned(), Json::Null)]);
}

#[test]
fn comment_reply_privately_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/private-reply");
}

#[test]
fn comment_hide_answers_with_the_comment_that_others_no_longer_see() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    let hidden = desk.act("hide");
    assert_eq!(hidden.status, 200, "{}", hidden.text());
    assert_eq!(hidden.json["message"]["detail"]["hidden"], true);
    assert_eq!(hidden.json["message"]["content"], "Is it open?");
    let body = json!({"is_hidden": true});
    assert_eq!(desk.asked(), [("POST 690_1".to_owned(), body)]);
    assert_eq!(desk.events().last().unwrap(), "message.updated");
    // It is as good as done twice, and nobody is told again.
    let told = desk.events();
    desk.will(200, json!({"success": true}));
    assert_eq!(desk.act("hide").status, 200);
    assert_eq!(desk.events(), told);
}

#[test]
fn comment_hide_refuses_invalid_input() {
    let desk = Desk::new();
    let nobody = "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000/hide";
    let answer = desk.call(Method::Post, nobody, &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
    // A message of another channel is no comment.
    desk.stack
        .db
        .sql("UPDATE messages SET channel = 'facebook'");
    let answer = desk.act("hide");
    assert_eq!((answer.status, answer.detail()), (422, ("id", "comment")));
    assert!(desk.asked().is_empty());
}

#[test]
fn comment_hide_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/hide");
}

#[test]
fn comment_unhide_answers_with_the_comment_that_all_see() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    desk.act("hide");
    desk.stack.advance(1_000_000);
    desk.will(200, json!({"success": true}));
    let shown = desk.act("unhide");
    assert_eq!(shown.json["message"]["detail"]["hidden"], false);
    assert_eq!(desk.asked()[1].1, json!({"is_hidden": false}));
}

#[test]
fn comment_unhide_refuses_invalid_input() {
    let desk = Desk::new();
    let answer = desk.call(Method::Post, "x/unhide", &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn comment_unhide_refuses_callers_without_a_session() {
    asks_for_a_session("POST", "x/unhide");
}

#[test]
fn comment_delete_answers_with_what_is_left_of_the_comment() {
    let desk = Desk::new();
    desk.will(200, json!({"success": true}));
    let deleted = desk.delete();
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let message = &deleted.json["message"];
    assert_eq!(
        (&message["content"], &message["detail"]["deleted"]),
        (&json!(""), &json!(true))
    );
    assert_eq!(message["detail"]["post"]["id"], POST);
    // What is gone cannot be answered.
    for answer in [desk.delete(), desk.act("hide"), desk.reply("Hi")] {
        assert_eq!(answer.refusal(), (409, "conflict"));
    }
    assert_eq!(desk.asked().len(), 1);
}

#[test]
fn what_is_deleted_is_gone_with_its_files() {
    let desk = Desk::new();
    let (business, id) = (&desk.tenant.business_id, &desk.id);
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           size, created_at)
         VALUES ('{business}', 'a-1', '{id}', 0, 'ready', 'image.jpg', 'image/jpeg', 5, 0)"
    ));
    let blobs = &desk.stack.ports.blobs;
    let key = format!("{business}/a-1");
    blobs.borrow_mut().insert(key, b"bytes".to_vec());
    desk.will(200, json!({"success": true}));
    let deleted = desk.delete();
    assert_eq!(deleted.json["message"]["attachments"], json!([]));
    assert!(blobs.borrow().is_empty());
}

#[test]
fn comment_delete_refuses_invalid_input() {
    let desk = Desk::new();
    let answer = desk.call(Method::Delete, "x", &Json::Null);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn comment_delete_refuses_callers_without_a_session() {
    asks_for_a_session("DELETE", "x");
}

#[test]
fn what_meta_refuses_or_does_not_answer_changes_nothing_here() {
    let desk = Desk::new();
    let gone = json!({"error": {"message": "gone", "code": 100, "error_subcode": 33}});
    desk.will(400, gone);
    let refused = desk.delete();
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert_eq!(refused.json["details"][0]["rule"], "100");
    desk.stack.ports.will(timed_out());
    assert_eq!(desk.act("hide").refusal(), (503, "unavailable"));
    desk.will(
        400,
        json!({"error": {"message": "limit", "code": 4, "is_transient": true}}),
    );
    assert_eq!(desk.act("hide").refusal(), (503, "unavailable"));
    assert_eq!(desk.detail()["hidden"], Json::Null);
    assert_eq!(desk.detail()["deleted"], Json::Null);
}

#[test]
fn an_account_that_is_disabled_or_gone_does_nothing_more() {
    for change in [
        "status = 'disabled'",
        "deleted_at = 1",
        "credentials = NULL",
    ] {
        let desk = Desk::new();
        desk.stack.db.sql(&format!("UPDATE channels SET {change}"));
        for answer in [desk.act("hide"), desk.delete(), desk.reply("Hi")] {
            assert_eq!(answer.refusal(), (409, "conflict"), "{change}");
        }
        assert!(desk.asked().is_empty());
    }
}

#[test]
fn another_business_has_no_such_comment() {
    let desk = Desk::new();
    let other = desk.stack.tenant("other");
    let stranger = Desk {
        session: desk.stack.session(&other),
        ..desk
    };
    for answer in [
        stranger.act("hide"),
        stranger.delete(),
        stranger.reply("Hi"),
    ] {
        assert_eq!(answer.refusal(), (404, "not_found"));
    }
    assert!(stranger.asked().is_empty());
}

#[test]
fn inbox_comment_answers_with_what_became_of_the_comment() {
    let desk = Desk::new();
    let ask = |action: &str| desk.inbox(None, &json!({"message_id": desk.id, "action": action}));
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("hide").json["message"]["detail"]["hidden"], true);
    desk.stack.advance(1_000_000);
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("unhide").json["message"]["detail"]["hidden"], false);
    desk.will(200, taken());
    let body = json!({"message_id": desk.id, "action": "private_reply", "text": "Hi"});
    assert_eq!(desk.inbox(None, &body).json["message"]["content"], "Hi");
    desk.will(200, json!({"success": true}));
    assert_eq!(ask("delete").json["message"]["detail"]["deleted"], true);
}

#[test]
fn inbox_comment_refuses_invalid_input() {
    let desk = Desk::new();
    for (body, detail) in [
        (json!({"message_id": desk.id}), ("action", "known_action")),
        (
            json!({"message_id": desk.id, "action": "like"}),
            ("action", "known_action"),
        ),
        (
            json!({"message_id": desk.id, "action": "hide", "text": "x"}),
            ("text", "of_private_reply"),
        ),
        (
            json!({"message_id": desk.id, "action": "private_reply"}),
            ("text", "required"),
        ),
    ] {
        let answer = desk.inbox(None, &body);
        assert_eq!((answer.status, answer.detail()), (422, detail), "{body}");
    }
    let nothing = desk.inbox(None, &json!({"action": "hide"}));
    assert_eq!(nothing.refusal(), (404, "not_found"));
}

#[test]
fn inbox_comment_refuses_callers_bound_to_another_customer() {
    let desk = Desk::new();
    let id = desk.commented("7001", "690_2", "Hi");
    let joe = desk.text(&format!(
        "SELECT customer_id FROM identities WHERE value = '{JOE}'"
    ));
    let hide = |id: &str| desk.inbox(Some(&joe), &json!({"message_id": id, "action": "hide"}));
    assert_eq!(hide(&id).refusal(), (404, "not_found"));
    assert!(desk.asked().is_empty());
    desk.will(200, json!({"success": true}));
    assert_eq!(hide(&desk.id).status, 200);
    let call = desk
        .stack
        .call("message-actions", "POST", "/embed/api/comments");
    assert_eq!(
        call.json(&json!({})).send(handle).refusal(),
        (401, "missing_token")
    );
}
