mod access;
mod assignees;
mod changes;
mod contact;
mod list;
mod search;
mod templates;
mod thread;
mod writes;

use common::time::SECOND;
use embed_api::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

/// A business with two WhatsApp accounts' worth of customers, and an agent at the inbox.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let _channel = stack.whatsapp(&tenant, "1001");
        let token = stack.inbox_token(&tenant, None, Some(("7", "Ann"))).token;
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// A customer with this number writes; gives the conversation.
    fn receive(&self, from: &str, text: &str) -> String {
        self.stack.advance(SECOND);
        let n = self
            .stack
            .db
            .value("SELECT count(*) FROM messages")
            .as_integer();
        let id = format!("wamid.{}", n.unwrap());
        self.stack.receive_whatsapp("1001", &id, from, text);
        self.text("SELECT conversation_id FROM messages ORDER BY created_at DESC LIMIT 1")
    }

    fn text(&self, sql: &str) -> String {
        self.stack.db.value(sql).into_text().unwrap()
    }

    fn customer_of(&self, conversation: &str) -> String {
        self.text(&format!(
            "SELECT customer_id FROM conversations WHERE id = '{conversation}'"
        ))
    }

    /// A token for the customer of a conversation alone.
    fn bound_to(&self, conversation: &str) -> String {
        let customer = self.customer_of(conversation);
        let made = self.stack.inbox_token(&self.tenant, Some(&customer), None);
        made.token
    }

    fn get(&self, path: &str) -> Answer {
        self.get_by(&self.token, path)
    }

    fn get_by(&self, token: &str, path: &str) -> Answer {
        let path = format!("/embed/api/{path}");
        self.stack
            .call("embed-api", "GET", &path)
            .bearer(token)
            .send(handle)
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_by(&self.token, path, body)
    }

    fn post_by(&self, token: &str, path: &str, body: &Value) -> Answer {
        let path = format!("/embed/api/{path}");
        let call = self.stack.call("embed-api", "POST", &path).bearer(token);
        call.json(body).send(handle)
    }

    fn newest_message(&self, conversation: &str) -> String {
        self.text(&format!(
            "SELECT id FROM messages WHERE conversation_id = '{conversation}'
             ORDER BY created_at DESC LIMIT 1"
        ))
    }
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json["conversations"].as_array().unwrap();
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    rows.iter().map(id).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn nothing() -> Value {
    json!({})
}
