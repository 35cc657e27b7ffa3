mod actions;
mod inbox;
mod replies;

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
