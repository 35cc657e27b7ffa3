//! Sending by SMS: what Twilio is asked, who is left alone, and what became of a message whose answer
//! was lost.

use super::*;
use common::form::pairs;
use common::ids::{ChannelId, MessageId};
use common::ports::OutboundResponse;
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{refused, timed_out};

const NUMBER: &str = "+15005550001";
const CUSTOMER: &str = "+353871234567";

/// A business with a number at Twilio, which takes what it is sent.
struct Phone {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
    /// What Twilio lists, newest first.
    listed: Rc<RefCell<Vec<Value>>>,
}

impl Phone {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let channel_id = stack.sms(&tenant, NUMBER, &json!({}));
        customer(&stack, &tenant);
        stack.db.sql("DELETE FROM outbox");
        let listed = Rc::<RefCell<Vec<Value>>>::default();
        let (list, messages) = (listed.clone(), std::cell::Cell::new(0));
        stack.ports.respond(move |request| {
            if request.method == "GET" {
                return Some(answer(200, &json!({ "messages": *list.borrow() })));
            }
            messages.set(messages.get() + 1);
            let sid = format!("SM{}", messages.get());
            Some(answer(
                201,
                &json!({ "sid": sid, "status": "queued", "num_segments": "1" }),
            ))
        });
        Self {
            stack,
            tenant,
            channel_id,
            listed,
        }
    }

    fn send(&self, body: &Value) -> Answer {
        self.stack
            .call("send-message", "POST", "/api-send-message")
            .key(&self.tenant.api_key)
            .json(body)
            .send(handle)
    }

    fn text(&self, content: &str) -> Answer {
        self.send(&json!({ "customer_id": "CRM-12345", "channel": "sms", "content": content }))
    }

    fn value(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Sql::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    fn states(&self) -> String {
        self.value(
            "SELECT group_concat(status || coalesce(provider_id, '-')) FROM (
               SELECT status, provider_id FROM messages ORDER BY created_at)",
        )
    }

    fn events(&self) -> String {
        self.value(
            "SELECT group_concat(event, ' ') FROM (
               SELECT event FROM outbox WHERE event LIKE 'message.%' ORDER BY sequence)",
        )
    }

    /// The methods of what Twilio was asked since this was asked last.
    fn methods(&self) -> Vec<&'static str> {
        let requests = self.stack.ports.take_requests();
        requests.iter().map(|request| request.method).collect()
    }

    /// Does what the queue woke for once its time has come; gives after how many seconds.
    fn wait(&self) -> Vec<u32> {
        let wakes = self.stack.ports.take_wakes(Queue::Sends);
        for (message, delay) in &wakes {
            self.stack.advance(i64::from(*delay) * SECOND);
            self.stack.job(message, resume);
        }
        wakes.into_iter().map(|(_, delay)| delay).collect()
    }

    /// A message as Twilio lists it, made when our clock stood there.
    fn list(&self, sid: &str, body: &str, status: &str, date: &str) {
        self.listed.borrow_mut().insert(
            0,
            json!({
                "sid": sid, "direction": "outbound-api", "to": CUSTOMER, "from": NUMBER, "body": body,
                "num_media": "0", "status": status, "error_code": null, "error_message": null,
                "date_created": date, "date_updated": date
            }),
        );
    }

    fn opt(&self, is_out: bool) {
        self.stack.db.sql(&format!(
            "INSERT INTO opt_outs VALUES ('{}', '{CUSTOMER}', '{}', {is_out}, 0)
             ON CONFLICT DO UPDATE SET is_out = excluded.is_out",
            self.tenant.business_id, self.channel_id
        ));
    }

    fn opt_outs(&self) -> String {
        self.value("SELECT group_concat(number || is_out) FROM opt_outs")
    }
}

/// The time at which a test's clock begins, as Twilio writes it.
const THEN: &str = "Fri, 02 Jan 2026 03:04:05 +0000";

fn error(status: u16, code: i64) -> Result<OutboundResponse, common::ports::FetchError> {
    answer(
        status,
        &json!({ "code": code, "message": "no", "status": status }),
    )
}

#[test]
fn a_text_goes_to_the_customers_number_with_its_segments_counted() {
    let phone = Phone::new();
    let taken = json!({ "sid": "SM9", "status": "queued", "num_segments": "3" });
    phone.stack.ports.will(answer(201, &taken));
    let sent = phone.text(&"é€".repeat(60));
    assert_eq!(
        (sent.status, &sent.json["message"]["status"]),
        (200, &json!("sent"))
    );
    assert_eq!(sent.json["message"]["segments"], 3);
    assert_eq!(sent.json["message"]["provider_id"], "SM9");
    let detail = "SELECT detail FROM messages";
    assert_eq!(phone.value(detail), r#"{"segments":3}"#);
    let request = phone.stack.ports.take_requests().remove(0);
    let form = pairs(std::str::from_utf8(request.body.as_deref().unwrap()).unwrap());
    let value_of = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(
        (value_of("To"), value_of("From")),
        (CUSTOMER.into(), NUMBER.into())
    );
    let id = phone.value("SELECT id FROM messages");
    let callback = format!(
        "https://tieline.example/functions/v1/webhook-twilio/{}?message_id={id}",
        phone.channel_id
    );
    assert_eq!(value_of("StatusCallback"), callback);
}

#[test]
fn segments_are_counted_by_us_where_the_provider_has_not_counted_yet() {
    let phone = Phone::new();
    phone.stack.ports.will(refused());
    let queued = phone.text(&"ş".repeat(71));
    assert_eq!(
        (queued.status, &queued.json["message"]["segments"]),
        (202, &json!(2))
    );
    assert_eq!(
        phone.value("SELECT detail FROM messages"),
        r#"{"segments":2}"#
    );
}

#[test]
fn a_text_and_its_files_are_one_message_whose_links_twilio_fetches() {
    let phone = Phone::new();
    let business = &phone.tenant.business_id;
    let ids = [1, 2].map(|n| format!("019a0000-0000-7000-8000-00000000000{n}"));
    for id in &ids {
        phone.stack.db.sql(&format!(
            "INSERT INTO attachments (business_id, id, state, filename, type, size, created_at)
             VALUES ('{business}', '{id}', 'ready', 'a.png', 'image/png', 100, 0)"
        ));
    }
    let sent = phone.send(&json!({
        "customer_id": "CRM-12345", "channel": "sms", "content": "Look", "attachments": ids
    }));
    assert_eq!(sent.status, 200);
    assert_eq!(sent.json["messages"].as_array().unwrap().len(), 1);
    assert_eq!(sent.json["message"]["type"], "image");
    let request = phone.stack.ports.take_requests().remove(0);
    let form = pairs(std::str::from_utf8(request.body.as_deref().unwrap()).unwrap());
    let links: Vec<_> = form.iter().filter(|(name, _)| name == "MediaUrl").collect();
    for ((_, link), id) in links.iter().zip(&ids) {
        assert!(link.starts_with("https://tieline.example/api/download-media?id="));
        assert!(link.contains(id) && link.contains("&signature="));
    }
    assert_eq!(links.len(), 2);
}

#[test]
fn a_customer_who_said_stop_is_left_alone_until_they_say_start() {
    let phone = Phone::new();
    phone.opt(true);
    let refused = phone.text("Hi");
    assert_eq!(refused.refusal(), (422, "opted_out"));
    assert_eq!(refused.detail(), ("customer_id", "opted_in"));
    assert!(phone.methods().is_empty());
    assert_eq!(
        phone.stack.db.value("SELECT count(*) FROM messages"),
        0.into()
    );
    phone.opt(false);
    assert_eq!(phone.text("Hi").status, 200);
}

#[test]
fn an_opt_out_is_of_one_number_and_one_account() {
    let phone = Phone::new();
    phone.opt(true);
    let other = phone.stack.sms(&phone.tenant, "+15005550002", &json!({}));
    let mut body = json!({ "customer_id": "CRM-12345", "channel": "sms", "content": "Hi" });
    body["channel_id"] = other.into();
    assert_eq!(phone.send(&body).status, 200);
    phone
        .stack
        .db
        .sql("UPDATE opt_outs SET number = '+353870000000'");
    assert_eq!(phone.text("Hi").status, 200);
}

#[test]
fn an_opt_out_that_twilio_knows_of_is_noted_and_told_the_same() {
    let phone = Phone::new();
    phone.stack.ports.will(error(400, 21610));
    let refused = phone.text("Hi");
    assert_eq!(refused.refusal(), (422, "opted_out"));
    assert_eq!(refused.detail().0, "message_id");
    assert_eq!(phone.states(), "failed-");
    assert_eq!(phone.opt_outs(), format!("{CUSTOMER}1"));
    assert_eq!(phone.text("Hi").refusal(), (422, "opted_out"));
    assert_eq!(phone.methods(), ["POST"]);
}

#[test]
fn what_waits_is_not_sent_to_somebody_who_opted_out_meanwhile() {
    let phone = Phone::new();
    phone.stack.ports.will(error(429, 20429));
    assert_eq!(phone.text("Hi").status, 202);
    phone.opt(true);
    assert_eq!(phone.wait(), [5]);
    assert_eq!(phone.states(), "failed-");
    let code = "SELECT error ->> 'code' FROM messages";
    assert_eq!(phone.value(code), "opted_out");
    assert_eq!(phone.methods(), ["POST"]);
}

#[test]
fn a_message_whose_answer_was_lost_is_found_in_the_list_and_not_sent_again() {
    for lost in [timed_out(), answer(502, &json!("<html>"))] {
        let phone = Phone::new();
        phone.stack.ports.will(lost);
        let unsure = phone.text("Hi");
        assert_eq!(
            (unsure.status, &unsure.json["message"]["status"]),
            (202, &json!("uncertain"))
        );
        phone.list("SM5", "Hi", "delivered", THEN);
        assert_eq!(phone.wait(), [10]);
        assert_eq!(phone.states(), "deliveredSM5");
        assert_eq!(phone.value("SELECT error FROM messages"), "Null");
        assert_eq!(
            phone.events(),
            "message.status_changed message.sent message.status_changed"
        );
        let question = phone.stack.ports.take_requests().remove(1);
        let expected = "https://api.twilio.com/2010-04-01/Accounts/\
                        AC00000000000000000000000000000001/Messages.json\
                        ?To=%2B353871234567&DateSent%3E=2026-01-02&PageSize=50";
        assert_eq!((question.method, question.url.as_str()), ("GET", expected));
        assert!(phone.wait().is_empty());
    }
}

#[test]
fn a_message_that_is_in_no_list_is_looked_for_thrice_and_stays_uncertain() {
    let phone = Phone::new();
    phone.stack.ports.will(timed_out());
    phone.text("Hi");
    phone.list("SM5", "Hi there", "sent", THEN);
    phone.list("SM6", "Hi", "sent", "Fri, 02 Jan 2026 02:00:00 +0000");
    for seconds in [10, 60, 300] {
        assert_eq!(phone.wait(), [seconds]);
    }
    assert!(phone.wait().is_empty());
    assert_eq!(phone.states(), "uncertain-");
    assert_eq!(phone.methods(), ["POST", "GET", "GET", "GET"]);
    let sends = "SELECT state || request || coalesce(due_at, '') FROM sends";
    assert_eq!(phone.value(sends), "done{}");
}

#[test]
fn a_look_that_fails_or_whose_wake_is_lost_is_made_up_for() {
    let phone = Phone::new();
    phone.stack.ports.will(timed_out());
    phone.text("Hi");
    phone.stack.ports.will(error(500, 20500));
    assert_eq!(phone.wait(), [10]);
    phone.list("SM5", "Hi", "sent", THEN);
    phone.stack.ports.take_wakes(Queue::Sends);
    phone.stack.advance(61 * SECOND);
    phone.stack.job("", each_minute);
    phone.wait();
    assert_eq!(phone.states(), "sentSM5");
}

#[test]
fn what_failed_at_the_provider_is_found_as_failed() {
    let phone = Phone::new();
    phone.stack.ports.will(timed_out());
    phone.text("Hi");
    phone.list("SM5", "Hi", "undelivered", THEN);
    phone.listed.borrow_mut()[0]["error_code"] = 30005.into();
    phone.wait();
    assert_eq!(phone.states(), "failedSM5");
    let code = "SELECT error ->> 'code' FROM messages";
    assert_eq!(phone.value(code), "30005");
}

#[test]
fn two_messages_of_the_same_words_are_each_found_once() {
    let phone = Phone::new();
    for _ in 0..2 {
        phone.stack.ports.will(timed_out());
        phone.text("Hi");
    }
    phone.list("SM5", "Hi", "sent", THEN);
    phone.list("SM6", "Hi", "sent", THEN);
    phone.wait();
    assert_eq!(phone.states(), "sentSM5,sentSM6");
    // And one that is known already is nobody else's.
    phone.stack.ports.will(timed_out());
    phone.text("Hi");
    phone.wait();
    assert!(phone.states().ends_with("uncertain-"));
}

#[test]
fn a_sender_who_did_not_live_to_hear_the_answer_is_made_up_for() {
    let phone = Phone::new();
    phone.text("Hi");
    // As if the Worker had died between the answer and its writing down.
    phone
        .stack
        .db
        .sql("UPDATE messages SET status = 'queued', provider_id = NULL");
    let request = r#"["number","+353871234567",null,"compound",null,"Hi",null]"#;
    phone.stack.db.sql(&format!(
        "UPDATE sends SET state = 'sending', request = '{request}', due_at = 1"
    ));
    phone.list("SM1", "Hi", "sent", THEN);
    phone.stack.job("", each_minute);
    assert_eq!(phone.wait(), [0]);
    assert_eq!(phone.states(), "uncertain-");
    assert_eq!(phone.wait(), [10]);
    assert_eq!(phone.states(), "sentSM1");
    assert_eq!(phone.methods(), ["POST", "GET"]);
}

#[test]
fn a_message_that_a_callback_settled_is_not_looked_for() {
    let phone = Phone::new();
    phone.stack.ports.will(timed_out());
    phone.text("Hi");
    let update = channels::StatusUpdate {
        provider_id: "SM7".into(),
        status: channels::MessageStatus::Delivered,
        at: None,
        error: None,
        message_id: Some(MessageId::unchecked(phone.value("SELECT id FROM messages"))),
        recipient: None,
    };
    let business = &phone.tenant.business_id;
    let channel = &ChannelId::unchecked(phone.channel_id.as_str());
    phone.stack.job("", async |cx: &Context<'_>, _: &str| {
        let cx = cx.of_business(business);
        let updates = std::slice::from_ref(&update);
        let statements = messaging::messages::statuses::status_statements(&cx, channel, updates)?;
        cx.db.batch(statements).await?;
        Ok(())
    });
    phone.wait();
    assert_eq!(phone.states(), "deliveredSM7");
    assert_eq!(phone.methods(), ["POST"]);
}

#[test]
fn a_dead_token_is_noted_at_the_account() {
    let phone = Phone::new();
    phone.stack.ports.will(error(401, 20003));
    assert_eq!(phone.text("Hi").refusal(), (422, "provider_rejected"));
    let reason = "SELECT status_reason FROM channels";
    assert_eq!(phone.value(reason), "20003: no");
    assert_eq!(phone.text("Hi").status, 200);
    assert_eq!(phone.value(reason), "Null");
}

#[test]
fn a_repeated_request_tells_the_segments_again() {
    let phone = Phone::new();
    let body = json!({ "customer_id": "CRM-12345", "channel": "sms", "content": "Hi" });
    let send = || {
        phone
            .stack
            .call("send-message", "POST", "/api-send-message")
            .key(&phone.tenant.api_key)
            .header("idempotency-key", "k")
            .json(&body)
            .send(handle)
    };
    let first = send();
    phone.stack.db.sql("DELETE FROM idempotency");
    let again = send();
    assert_eq!(again.json["message"]["segments"], 1);
    assert_eq!(again.json["message"]["id"], first.json["message"]["id"]);
    assert_eq!(phone.methods(), ["POST"]);
}
