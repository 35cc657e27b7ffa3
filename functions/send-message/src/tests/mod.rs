mod answers;
mod chatwoot;
mod comments;
mod crashes;
mod due;
mod email;
mod inbox;
mod media;
mod outcomes;
mod refusals;
mod replies;
mod sms;
mod threads;

use common::Context;
use common::db::Value as Sql;
use common::http::{Request, Response};
use common::ports::{OutboundRequest, Queue};
use common::time::SECOND;
use customer::{SyncOptions, customers_sync, parse_batch};
use fan_out::handler::each_minute;
use send_message::due::send_due as resume;
use send_message::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant, answer};

/// A business with a WhatsApp account and a customer who has just written.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel_id: String,
    customer_id: String,
    conversation_id: String,
}

const CONVERSATION: &str = "019a0000-0000-7000-8000-0000000000c1";

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let desk = Self::of(stack, tenant, "1066", CONVERSATION);
        let requests = std::cell::Cell::new(0);
        // Each of the provider's ids once.
        desk.stack.ports.respond(move |request| {
            requests.set(requests.get() + 1);
            let id = format!("wamid.{}", requests.get());
            Some(if request.url.ends_with("/media") {
                answer(200, &json!({ "id": format!("media-{}", requests.get()) }))
            } else {
                answer(200, &json!({ "messages": [{ "id": id }] }))
            })
        });
        desk
    }

    fn of(stack: Stack, tenant: Tenant, number: &str, conversation: &str) -> Self {
        let channel_id = stack.whatsapp(&tenant, number);
        let customer_id = customer(&stack, &tenant);
        stack.ports.take_wakes(Queue::Events);
        let now = stack.now().micros();
        stack.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
               last_message_at, last_inbound_at, created_at, updated_at)
             VALUES ('{}', '{conversation}', '{customer_id}', '{channel_id}', 'whatsapp',
               {now}, {now}, {now}, {now})",
            tenant.business_id
        ));
        Self {
            stack,
            tenant,
            channel_id,
            customer_id,
            conversation_id: conversation.into(),
        }
    }

    fn send(&self, body: &Value) -> Answer {
        self.call(body, None)
    }

    fn send_once(&self, key: &str, body: &Value) -> Answer {
        self.call(body, Some(key))
    }

    fn call(&self, body: &Value, key: Option<&str>) -> Answer {
        let call = self
            .stack
            .call("send-message", "POST", "/functions/v1/api-send-message")
            .key(&self.tenant.api_key)
            .json(body);
        match key {
            Some(key) => call.header("idempotency-key", key).send(handle),
            None => call.send(handle),
        }
    }

    /// A text to the customer.
    fn text(&self) -> Value {
        json!({ "customer_id": "CRM-12345", "channel": "whatsapp", "content": "Hi!" })
    }

    /// What the provider was asked to send, uploads left out.
    fn sent(&self) -> Vec<Value> {
        let requests = self.stack.ports.take_requests();
        let messages = requests.iter().filter(|r| r.url.ends_with("/messages"));
        messages.map(body_of).collect()
    }

    /// The one value of a query.
    fn text_in(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Sql::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    fn status(&self) -> String {
        self.text_in("SELECT status FROM messages ORDER BY created_at LIMIT 1")
    }

    fn events(&self) -> String {
        self.text_in("SELECT group_concat(event, ' ') FROM (SELECT event FROM outbox WHERE event NOT LIKE 'customer.%' ORDER BY sequence)")
    }

    /// Does what the queue woke for, and gives how long it had kept it back.
    fn work_queue(&self) -> Vec<u32> {
        let wakes = self.stack.ports.take_wakes(Queue::Sends);
        for (message, _) in &wakes {
            self.stack.job(message, resume);
        }
        wakes.into_iter().map(|(_, delay)| delay).collect()
    }

    fn minute(&self) {
        self.stack.advance(61 * SECOND);
        self.stack.job("", each_minute);
        self.work_queue();
    }

    /// An attachment as uploading leaves it.
    fn attachment(&self, n: u8, mime_type: &str, size: usize) -> String {
        let id = format!("019a0000-0000-7000-8000-0000000000{n:02x}");
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO attachments (business_id, id, state, filename, type, size, created_at)
             VALUES ('{business}', '{id}', 'ready', 'file-{n}', '{mime_type}', {size}, 0)"
        ));
        let bytes = vec![b'x'; size.min(100)];
        let key = format!("{business}/{id}");
        self.stack.ports.blobs.borrow_mut().insert(key, bytes);
        id
    }
}

fn body_of(request: &OutboundRequest) -> Value {
    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap()
}

fn customer(stack: &Stack, tenant: &Tenant) -> String {
    let record = json!({
        "external_id": "CRM-12345", "name": "Aoife", "email": "aoife@b.ie",
        "phone": "+353871234567"
    });
    let synced = stack
        .call("customers-sync", "POST", "/api-customers-sync")
        .key(&tenant.api_key)
        .json(&json!({ "customers": [record] }))
        .send(async |cx: &Context<'_>, request: Request| {
            customers_sync(cx, &parse_batch(&request)?, SyncOptions::default()).await?;
            Ok(Response::empty(200))
        });
    assert_eq!(synced.status, 200);
    let business = &tenant.business_id;
    let id = stack.db.value(&format!(
        "SELECT id FROM customers WHERE business_id = '{business}'"
    ));
    id.into_text().unwrap()
}
