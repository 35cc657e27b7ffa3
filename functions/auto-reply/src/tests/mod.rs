mod crashes;
mod hand_off;
mod hostile;
mod model;
mod once;
mod skipped;

use auto_reply::handler::handle;
use common::ports::{OutboundRequest, Queue};
use common::signatures::hmac_sha256;
use common::{Context, db::Value as Column};
use serde_json::{Value, json};
use std::cell::Cell;
use testkit::{APP_SECRET, Links, MODEL_KEY as API_KEY, Stack, Tenant, answer, completion};

const COMPLETIONS: &str = "https://llm.example/v1/chat/completions";
const SHOP: &str = "https://shop.example/customers.json";
const AOIFE: &str = "353871234567";
const BRIAN: &str = "353877654321";
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A business that replies by itself in WhatsApp, with a customer who has an order.
struct Desk {
    links: Links,
    account: String,
    received: Cell<u32>,
    sent: Cell<u32>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self::off();
        desk.set(&json!({ "auto_reply": { "whatsapp": true } }));
        desk.records(&json!({ "customers": [
            { "id": 7, "phone": "+353871234567", "order": "A-77", "state": "on its way" },
            { "id": 8, "phone": "+353877654321", "order": "B-88", "state": "lost" },
        ] }));
        desk.stack().advance(SECOND);
        desk
    }

    /// One that does not, and knows nothing.
    fn off() -> Self {
        // What an isolate remembers of an account is not of the next one in a test.
        thread_local! { static DESKS: Cell<u32> = const { Cell::new(1000) } }
        DESKS.set(DESKS.get() + 1);
        let account = DESKS.get().to_string();
        let links = Links::new();
        let _channel = links.stack.whatsapp(&links.tenant, &account);
        let desk = Self {
            links,
            account,
            received: Cell::new(0),
            sent: Cell::new(0),
        };
        desk.set(&json!({}));
        desk
    }

    fn stack(&self) -> &Stack {
        &self.links.stack
    }

    fn tenant(&self) -> &Tenant {
        &self.links.tenant
    }

    fn set(&self, other: &Value) -> Value {
        self.links.set_replies(other)
    }

    /// Fetches these records for answers in WhatsApp; `phone` says whose one is.
    fn records(&self, records: &Value) {
        self.records_at(SHOP, records);
    }

    fn records_at(&self, place: &str, records: &Value) {
        self.links.whatsapp_records(&self.account, place, records);
    }

    /// That a customer writes this, which Meta tells now.
    fn writes(&self, from: &str, text: &str) {
        let message = json!({ "type": "text", "text": { "body": text } });
        self.receives(from, &message, self.stack().now().micros());
    }

    fn receives(&self, from: &str, message: &Value, sent_at: i64) {
        self.received.set(self.received.get() + 1);
        let id = format!("wamid.in{}", self.received.get());
        let mut delivery = Stack::whatsapp_delivery(&self.account, &id, from, "");
        let place = &mut delivery["entry"][0]["changes"][0]["value"]["messages"][0];
        place.as_object_mut().unwrap().remove("text");
        let fields = message.as_object().unwrap().clone();
        place.as_object_mut().unwrap().extend(fields);
        place["timestamp"] = json!((sent_at / SECOND).to_string());
        let body = delivery.to_string();
        let signature = hmac_sha256(APP_SECRET.as_bytes(), body.as_bytes());
        let log = self.stack().job("", async |cx: &Context<'_>, _: &str| {
            webhook_meta::handler::receive(cx, &signature, body.as_bytes()).await?;
            Ok(())
        });
        assert_eq!(log["code"], Value::Null, "{log}");
    }

    fn fan_out(&self) {
        let business = &self.tenant().business_id;
        let log = self.stack().job(business, fan_out::handler::handle);
        assert_eq!(log["code"], Value::Null, "{log}");
    }

    /// Hands out what happened, and replies to what is due after a burst.
    fn work(&self) {
        self.fan_out();
        self.stack().advance(5 * SECOND);
        self.reply();
    }

    /// Does what the queue woke for, and gives how long it had kept it back.
    fn reply(&self) -> Vec<u32> {
        let wakes = self.stack().ports.take_wakes(Queue::Replies);
        for (message, _) in &wakes {
            let log = self.stack().job(message, handle);
            assert_eq!(log["code"], Value::Null, "{log}");
        }
        wakes.into_iter().map(|(_, delay)| delay).collect()
    }

    /// What the model writes next.
    fn will_say(&self, text: &str) {
        self.links.will_say(text);
    }

    /// That Meta takes the next message.
    fn will_send(&self) {
        self.sent.set(self.sent.get() + 1);
        let id = format!("wamid.out{}", self.sent.get());
        let taken = json!({ "messaging_product": "whatsapp", "messages": [{ "id": id }] });
        self.stack().ports.will(answer(200, &taken));
    }

    /// A customer writes, the model says this, and something is sent: the reply, or that a colleague takes over.
    fn answers(&self, from: &str, text: &str, said: &str) {
        self.writes(from, text);
        self.will_say(said);
        self.will_send();
        self.work();
    }

    fn value(&self, sql: &str) -> Column {
        self.stack().db.value(sql)
    }

    fn text_in(&self, sql: &str) -> String {
        match self.value(sql) {
            Column::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    /// What came of each message, in order.
    fn outcomes(&self) -> String {
        self.text_in(
            "SELECT group_concat(state || coalesce(' ' || reason, ''), ', ') FROM (
               SELECT state, reason FROM auto_replies ORDER BY written_at)",
        )
    }

    /// Why the conversation was handed off, by the one event that says so.
    fn handed_off(&self) -> String {
        let count = self.value("SELECT count(*) FROM escalations");
        assert_eq!(count, 1.into());
        self.text_in(
            "SELECT detail ->> '$.escalation.source' || ': ' || (detail ->> '$.escalation.reason')
             FROM outbox WHERE event = 'conversation.escalated'",
        )
    }
}

/// What went to the model, and the texts that went to the customer.
fn requests(desk: &Desk) -> (Vec<Value>, Vec<String>) {
    let all = desk.stack().ports.take_requests();
    let body = |request: &OutboundRequest| -> Value {
        serde_json::from_slice(request.body.as_ref().unwrap()).unwrap()
    };
    let (asked, sent): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.url == COMPLETIONS);
    let text =
        |request: &&OutboundRequest| body(request)["text"]["body"].as_str().unwrap().to_owned();
    (
        asked.into_iter().map(body).collect(),
        sent.iter().map(text).collect(),
    )
}

#[test]
fn a_message_is_replied_to_from_its_customers_own_records() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    let woken = desk.stack().ports.take_wakes(Queue::Replies);
    let conversation = desk.text_in("SELECT id FROM conversations");
    let message = format!("{} {conversation}", desk.tenant().business_id);
    assert_eq!(woken, [(message.clone(), 5)]);
    desk.stack().job(&message, handle);
    assert_eq!(desk.outcomes(), "waiting", "more may come");
    desk.stack().advance(5 * SECOND);
    desk.will_say("Your order A-77 is on its way.");
    desk.will_send();
    desk.stack().job(&message, handle);
    let (asked, sent) = requests(&desk);
    assert_eq!(sent, ["Your order A-77 is on its way."]);
    let told = asked[0]["messages"][1]["content"].as_str().unwrap();
    assert!(told.contains("A-77") && !told.contains("B-88"), "{told}");
    assert_eq!(
        asked[0]["messages"][0]["content"],
        replies::prompt::AUTO_SYSTEM
    );
    assert_eq!(desk.outcomes(), "sent");
    let author =
        desk.text_in("SELECT detail ->> 'author' FROM messages WHERE direction = 'outbound'");
    assert_eq!(author, r#"{"id":"auto_reply","name":"Assistant"}"#);
    assert_eq!(desk.value("SELECT count(*) FROM escalations"), 0.into());
}

#[test]
fn another_customer_is_told_of_their_own_order() {
    let desk = Desk::new();
    desk.set(&json!({ "auto_reply": { "whatsapp": true }, "auto_reply_name": "Ada" }));
    desk.answers(BRIAN, "Where is order A-77?", "Your order is B-88.");
    let (asked, sent) = requests(&desk);
    let told = asked[0]["messages"][1]["content"].as_str().unwrap();
    assert!(
        told.contains("B-88") && !told.contains("on its way"),
        "{told}"
    );
    assert_eq!(sent, ["Your order is B-88."]);
    let name = desk
        .text_in("SELECT detail ->> '$.author.name' FROM messages WHERE direction = 'outbound'");
    assert_eq!(name, "Ada");
}
