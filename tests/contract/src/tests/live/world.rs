//! What there is in the business of the examples.

use super::{Live, WEBHOOK_SECRET};
use serde_json::{Value, json};
use std::cell::Cell;
use testkit::{Stack, VERIFY_TOKEN, answer};

thread_local! {
    /// An isolate remembers whose an account is, and a thread is one isolate: each deployment in it
    /// has an account of its own, the first that of the examples.
    static PHONE_NUMBER_ID: Cell<u64> = const { Cell::new(106_540_352_242_922) };
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Live {
    pub(in super::super) fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        stack.outside.respond(|request| {
            let told = match request.url.contains("/messages") {
                true => json!({ "messages": [{ "id": "wamid.SENT" }] }),
                false => {
                    json!({ "display_phone_number": "+353 1 234 5678", "verified_name": "Acme" })
                }
            };
            Some(answer(200, &told))
        });
        let mut live = Self {
            stack,
            tenant,
            session: String::new(),
            names: Vec::new(),
        };
        live.session =
            text(&live.post("dashboard", "/api/dashboard/sessions", &Value::Null)["token"]);
        live.customer();
        live.conversation();
        live.delivery();
        live.file();
        let token = VERIFY_TOKEN.replace(' ', "%20");
        let key_id = live.tenant.api_key.split('_').nth(1).unwrap().to_owned();
        live.names
            .extend([("KEY_ID", key_id), ("VERIFY_TOKEN", token)]);
        live
    }

    fn post(&self, function: &'static str, path: &str, body: &Value) -> Value {
        let call = self.stack.call(function, "POST", path);
        let call = match (function, path) {
            (_, "/api/dashboard/sessions") => {
                return self.send(function, call.key(&self.tenant.admin_key)).json;
            }
            ("customers-sync", _) => call.key(&self.tenant.api_key),
            _ => call.bearer(&self.session),
        };
        self.send(function, call.json(body)).json
    }

    fn customer(&mut self) {
        let record = json!({
            "external_id": "CRM-12345", "name": "John", "email": "john@example.com",
            "phone": "+353861234567",
        });
        let body = json!({ "customers": [record] });
        let synced = self.post("customers-sync", "/api-customers-sync", &body);
        let id = text(&synced["results"]["details"][0]["customer_id"]);
        self.names.push(("CUSTOMER_ID", id));
    }

    /// An endpoint, an account, and a message from the customer, just now by the provider's clock.
    fn conversation(&mut self) {
        let endpoint = json!({ "name": "CRM", "url": "https://crm.example.com", "events": ["*"] });
        let made = self.post("dashboard-webhooks", "/api/dashboard/webhooks", &endpoint);
        self.names
            .push(("WEBHOOK_ID", text(&made["webhook"]["id"])));
        let account = PHONE_NUMBER_ID
            .replace(PHONE_NUMBER_ID.get() + 1)
            .to_string();
        let channel = self.stack.whatsapp(&self.tenant, &account);
        self.names.push(("CHANNEL_ID", channel));
        let sms = self.stack.sms(&self.tenant, "+35315550000", &json!({}));
        let email = self.stack.channel(
            &self.tenant,
            "email",
            "support@acme.example",
            &json!({ "provider": "resend" }),
            &json!({ "api_key": "the key", "webhook_secret": WEBHOOK_SECRET }),
        );
        self.names.extend([("SMS_ID", sms), ("EMAIL_ID", email)]);
        self.stack
            .receive_whatsapp(&account, "wamid.1", "353861234567", "Hello");
        self.names.push(("PHONE_NUMBER_ID", account));
        let id = self.stack.db.value("SELECT id FROM conversations");
        self.names
            .push(("CONVERSATION_ID", id.into_text().unwrap()));
    }

    fn delivery(&mut self) {
        self.stack.fan_out(&self.tenant);
        self.stack.deliver_now();
        let id = self.stack.db.value("SELECT id FROM deliveries LIMIT 1");
        self.names.push(("DELIVERY_ID", id.into_text().unwrap()));
    }

    /// A file of the customer's message.
    fn file(&mut self) {
        let route = common::http::ledger::public_routes()
            .find(|route| route.operation == "attachment_upload")
            .unwrap();
        let call = self.call(route, route.path).key(&self.tenant.api_key);
        let stored = self.send(route.function, self.with_body(route, call, "%PDF-1.7\n"));
        let attachment = &stored.json["attachment"];
        let url = text(&attachment["download_url"]);
        let part = |name: &str| {
            let (_, rest) = url.split_once(&format!("{name}=")).unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        self.names.extend([
            ("ATTACHMENT_ID", part("id")),
            ("EXPIRES", part("expires")),
            ("SIGNATURE", part("signature")),
        ]);
        self.stack.db.sql(&format!(
            "UPDATE attachments SET message_id = (SELECT id FROM messages) WHERE id = '{}'",
            part("id")
        ));
    }
}
