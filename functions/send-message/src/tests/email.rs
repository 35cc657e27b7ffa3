use super::body_of;
use channels_email::{ReplyAccount, ReplyToken};
use common::Context;
use common::db::Value as Sql;
use common::ids::{ChannelId, ConversationId};
use common::ports::OutboundRequest;
use send_message::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, CUSTOMER_ID, Stack, Tenant, answer, timed_out};

const CONVERSATION: &str = "019a0000-0000-7000-8000-0000000000d1";
const ADDRESS: &str = "support@acme.example";

/// A business with an account of email, and a customer who has written.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
}

impl Desk {
    fn new() -> Self {
        Self::of(&json!({"provider": "resend", "from_name": "The Shop"}))
    }

    fn of(settings: &Value) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        stack.customer(&tenant, "{}");
        stack.db.sql(&format!(
            "INSERT INTO identities VALUES ('{}', 'external_id', 'CRM-12345', '', '{CUSTOMER_ID}')",
            tenant.business_id
        ));
        let credentials = json!({"api_key": "re_key"});
        let channel_id = stack.channel(&tenant, "email", ADDRESS, settings, &credentials);
        stack.ports.respond(|request| {
            let id = format!("sent-{}", request.body.as_ref().map_or(0, Vec::len));
            Some(answer(
                200,
                &json!({"id": id, "MessageID": id, "ErrorCode": 0}),
            ))
        });
        Self {
            stack,
            tenant,
            channel_id,
        }
    }

    /// A mail of the thread, as it is stored.
    fn mail(&self, n: i64, direction: &str, provider_id: &str, detail: &Value) {
        let business = &self.tenant.business_id;
        let channel = &self.channel_id;
        self.stack.db.sql(&format!(
            "INSERT OR IGNORE INTO conversations (business_id, id, customer_id, channel_id, channel,
               last_message_at, contact, created_at, updated_at)
             VALUES ('{business}', '{CONVERSATION}', '{CUSTOMER_ID}', '{channel}', 'email', 0, 'joe@work.example', 0, 0)"
        ));
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, content, detail, status, provider_id, updated_at)
             VALUES ('{business}', {n}, '019a0000-0000-7000-8000-{n:012x}', '{CONVERSATION}', '{CUSTOMER_ID}',
               '{channel}', 'email', '{direction}', 'email', '', '{detail}', 'sent', '{provider_id}', 0)"
        ));
    }

    fn send(&self, more: &Value) -> Answer {
        let mut body = json!({"customer_id": "CRM-12345", "channel": "email", "content": "Hello"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.stack
            .call("send-message", "POST", "/functions/v1/api-send-message")
            .key(&self.tenant.api_key)
            .json(&body)
            .send(handle)
    }

    /// What the provider was asked to send.
    fn sent(&self) -> Value {
        let requests = self.stack.ports.take_requests();
        assert_eq!(requests.len(), 1);
        body_of(&requests[0])
    }

    fn text(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Sql::Text(text) => text,
            other => format!("{other:?}"),
        }
    }
}

fn header<'r>(request: &'r OutboundRequest, name: &str) -> &'r str {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map_or("", |(_, value)| value)
}

#[test]
fn a_first_mail_goes_to_the_customers_address_and_asks_for_answers_where_they_are_known() {
    let desk = Desk::new();
    let response = desk.send(&json!({}));
    assert_eq!(
        (response.status, &response.json["message"]["status"]),
        (200, &json!("sent"))
    );
    let mail = desk.sent();
    assert_eq!(
        (&mail["to"], &mail["from"]),
        (
            &json!(["john@example.com"]),
            &json!("\"The Shop\" <support@acme.example>")
        )
    );
    assert_eq!(
        (&mail["subject"], mail.get("headers")),
        (&json!("Message from The Shop"), None)
    );
    let reply_to = mail["reply_to"].as_str().unwrap().to_owned();
    let mut token = None;
    let channel_id = ChannelId::unchecked(desk.channel_id.as_str());
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        let account = ReplyAccount {
            business_id: &desk.tenant.business_id,
            channel_id: &channel_id,
            address: ADDRESS,
            reply_domain: None,
        };
        token = account.token_of(&cx.ports, &reply_to, cx.now)?;
        Ok(())
    });
    let conversation = desk.text("SELECT conversation_id FROM messages");
    let named = ReplyToken::Conversation(ConversationId::unchecked(conversation));
    assert_eq!(token, Some(named));
    assert_eq!(
        desk.text("SELECT type || '|' || (detail ->> 'subject') FROM messages"),
        "email|Message from The Shop"
    );
}

#[test]
fn an_answer_goes_on_with_its_thread_to_where_the_customer_wrote_from() {
    let desk = Desk::new();
    desk.mail(
        1,
        "inbound",
        "<a@x>",
        &json!({"subject": "Your order", "references": ["<r1@x>", "<r2@x>"]}),
    );
    desk.mail(
        2,
        "outbound",
        "sent-1",
        &json!({"subject": "Re: Your order"}),
    );
    desk.send(&json!({}));
    let mail = desk.sent();
    assert_eq!(
        mail["headers"],
        json!({"In-Reply-To": "<a@x>", "References": "<r1@x> <r2@x> <a@x>"})
    );
    assert_eq!(
        (&mail["subject"], &mail["to"]),
        (&json!("Re: Your order"), &json!(["joe@work.example"]))
    );
}

#[test]
fn a_mail_asks_for_answers_to_the_conversation_that_it_goes_into() {
    let desk = Desk::new();
    desk.mail(1, "inbound", "<a@x>", &json!({}));
    let reply_to = |more: &Value| {
        desk.send(more);
        desk.sent()["reply_to"].as_str().unwrap().to_owned()
    };
    let open = reply_to(&json!({}));
    assert_eq!(reply_to(&json!({"conversation_id": CONVERSATION})), open);
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 0");
    let new = reply_to(&json!({}));
    assert_ne!(new, open);
    // Of a conversation that another request began meanwhile it asks for that one's.
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 0");
    let business = &desk.tenant.business_id;
    let begun = format!(
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, last_message_at,
           created_at, updated_at)
         VALUES ('{business}', '019a0000-0000-7000-8000-0000000000d9', '{CUSTOMER_ID}', '{}', 'email', 0, 0, 0)",
        desk.channel_id
    );
    let db = desk.stack.db.clone();
    let reads = move || {
        let writes = db.clone();
        db.before_next_batch(move || drop(writes.sql(&begun)));
    };
    desk.stack.db.before_next_batch(reads);
    let competing = reply_to(&json!({}));
    let id = "019a0000-0000-7000-8000-0000000000d9";
    assert_eq!(
        desk.text("SELECT conversation_id FROM messages ORDER BY created_at DESC LIMIT 1"),
        id
    );
    assert_eq!(reply_to(&json!({"conversation_id": id})), competing);
}

#[test]
fn answers_go_where_those_of_their_conversation_go() {
    let desk = Desk::new();
    desk.mail(1, "inbound", "<a@x>", &json!({}));
    let to = |more: &Value| {
        desk.send(more);
        desk.sent()["to"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(to(&json!({})), "joe@work.example");
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 0");
    // A new one has none yet: they go to the customer's own address.
    assert_eq!(to(&json!({})), "john@example.com");
    let named = json!({"conversation_id": CONVERSATION});
    assert_eq!(to(&named), "joe@work.example");
}

#[test]
fn a_subject_of_its_own_begins_another_thread_and_the_same_one_goes_on() {
    for (subject, goes_on) in [
        ("Another matter", false),
        ("RE: Your order", true),
        ("Your order", true),
    ] {
        let desk = Desk::new();
        desk.mail(1, "inbound", "<a@x>", &json!({"subject": "Your order"}));
        desk.send(&json!({"subject": subject}));
        let mail = desk.sent();
        assert_eq!(
            (&mail["subject"], mail.get("headers").is_some()),
            (&json!(subject), goes_on)
        );
    }
}

#[test]
fn a_reply_names_the_mail_it_answers() {
    let desk = Desk::new();
    desk.mail(1, "inbound", "<a@x>", &json!({"subject": "First"}));
    desk.mail(2, "inbound", "<b@x>", &json!({"subject": "Second"}));
    desk.send(&json!({"reply_to": "019a0000-0000-7000-8000-000000000001"}));
    let mail = desk.sent();
    assert_eq!(
        (&mail["headers"]["In-Reply-To"], &mail["subject"]),
        (&json!("<a@x>"), &json!("Re: First"))
    );
}

#[test]
fn a_mail_after_our_own_names_it_where_its_id_is_known() {
    let desk = Desk::new();
    desk.mail(1, "outbound", "sent-1", &json!({"subject": "News"}));
    desk.send(&json!({}));
    let mail = desk.sent();
    assert_eq!(
        (mail.get("headers"), &mail["subject"]),
        (None, &json!("Re: News"))
    );
    let desk = Desk::new();
    desk.mail(1, "outbound", "sent-1", &json!({"subject": "News"}));
    desk.stack.db.sql(&format!(
        "INSERT INTO email_ids VALUES ('{}', '{}', '<ours@x>', 'sent-1', 0)",
        desk.tenant.business_id, desk.channel_id
    ));
    desk.send(&json!({}));
    assert_eq!(desk.sent()["headers"]["In-Reply-To"], "<ours@x>");
    let desk = Desk::of(&json!({"provider": "postmark"}));
    desk.mail(1, "outbound", "pm-1", &json!({"subject": "News"}));
    desk.send(&json!({}));
    assert_eq!(
        desk.sent()["Headers"][0],
        json!({"Name": "In-Reply-To", "Value": "<pm-1@mtasv.net>"})
    );
}

#[test]
fn a_hostile_subject_stays_in_its_line() {
    let desk = Desk::new();
    desk.mail(
        1,
        "inbound",
        "<a@x>",
        &json!({"subject": "a\r\nBcc: x@y.example"}),
    );
    desk.send(&json!({}));
    assert_eq!(desk.sent()["subject"], "Re: a  Bcc: x@y.example");
    let response = desk.send(&json!({"subject": "a\nb"}));
    assert_eq!(
        (response.status, response.detail()),
        (422, ("subject", "one_line"))
    );
}

#[test]
fn answers_go_to_a_domain_of_their_own_where_there_is_one() {
    let desk = Desk::of(&json!({"provider": "resend", "reply_domain": "in.acme.example"}));
    desk.send(&json!({}));
    let mail = desk.sent();
    let reply_to = mail["reply_to"].as_str().unwrap();
    assert!(
        reply_to.starts_with("reply+") && reply_to.ends_with("@in.acme.example"),
        "{reply_to}"
    );
}

#[test]
fn a_send_without_an_answer_is_tried_again_by_resend_alone() {
    for (provider, status) in [("resend", "queued"), ("postmark", "uncertain")] {
        let desk = Desk::of(&json!({"provider": provider}));
        desk.stack.ports.will(timed_out());
        let response = desk.send(&json!({}));
        assert_eq!(
            (response.status, &response.json["message"]["status"]),
            (202, &json!(status)),
            "{provider}"
        );
    }
    let desk = Desk::new();
    desk.stack.ports.will(timed_out());
    desk.send(&json!({}));
    let first = desk.stack.ports.take_requests().remove(0);
    desk.stack.advance(10_000_000);
    let (wake, _) = desk
        .stack
        .ports
        .take_wakes(common::ports::Queue::Sends)
        .remove(0);
    desk.stack.job(&wake, send_message::due::send_due);
    let second = desk.stack.ports.take_requests().remove(0);
    assert_eq!(
        header(&first, "idempotency-key"),
        desk.text("SELECT id FROM messages")
    );
    assert_eq!(
        (header(&first, "idempotency-key"), &first.body),
        (header(&second, "idempotency-key"), &second.body)
    );
    assert_eq!(desk.text("SELECT status FROM messages"), "sent");
}

#[test]
fn an_account_that_only_receives_says_so_before_anything_is_stored() {
    let desk = Desk::of(&json!({"provider": "cloudflare"}));
    let response = desk.send(&json!({}));
    assert_eq!(
        (response.status, response.detail()),
        (422, ("channel_id", "sends"))
    );
    assert_eq!(
        desk.text("SELECT CAST(count(*) AS TEXT) FROM messages"),
        "0"
    );
    let desk = Desk::of(&json!({"provider": "cloudflare", "sends_by": "postmark"}));
    assert_eq!(desk.send(&json!({})).status, 200);
    assert_eq!(desk.sent()["From"], "support@acme.example");
}
