//! What there is in the business of the examples.

use super::{Live, WEBHOOK_SECRET, links};
use serde_json::{Value, json};
use std::cell::Cell;
use testkit::{IdentityProvider, Stack, VERIFY_TOKEN, answer};

thread_local! {
    /// An isolate remembers whose an account is, and a thread is one isolate: each deployment in it
    /// has an account of its own, the first that of the examples.
    static PHONE_NUMBER_ID: Cell<u64> = const { Cell::new(106_540_352_242_922) };
}

/// Where it is to call us.
const HOOK: &str = "https://tieline.example/api/webhooks/kustomer";

/// What Kustomer tells whoever asks: a customer, who had one conversation, of one message.
fn kustomer(path: &str) -> Value {
    let path = path.split('?').next().unwrap_or_default();
    let one = |kind: &str, attributes: Value| json!({ "type": kind, "id": "64b0", "attributes": attributes });
    match path.rsplit('/').next().unwrap_or_default() {
        "conversations" => json!({ "data": [one("conversation", json!({
            "name": "A question", "status": "done", "priority": 3, "channels": ["whatsapp"],
            "createdAt": "2025-11-18T08:12:00.000Z", "updatedAt": "2025-11-18T09:40:12.000Z",
            "lastMessageIn": { "sentAt": "2025-11-18T08:12:00.000Z" }, "messageCount": 1,
            "assignedUsers": ["64b0"], "satisfaction": 1, "satisfactionLevel": {"status": "rated"},
        }))] }),
        "messages" => json!({ "data": [one("message", json!({
            "channel": "whatsapp", "direction": "in", "preview": "Where is it?", "status": "received",
            "sentAt": "2025-11-18T08:12:00.000Z", "createdAt": "2025-11-18T08:12:01.000Z",
        }))] }),
        "users" => json!({ "data": [one("user", json!({ "email": "sarah@acme.example" }))] }),
        "teams" | "outbound-webhooks" => json!({ "data": [] }),
        "current" => json!({ "data": { "id": "u1", "type": "user",
            "attributes": { "roles": ["org.permission.customer"], "url": HOOK, "token": "t" },
            "relationships": { "org": { "data": { "id": "o1" } } } } }),
        _ => json!({ "data": one("customer", json!({ "url": HOOK, "token": "t" })) }),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Live {
    pub(in super::super) fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let sent = Cell::new(0);
        let idp = IdentityProvider::new();
        idp.serve(&stack, move |request| {
            if let Some(list) = links::source(&request.url) {
                return Some(Ok(list));
            }
            if let Some((_, path)) = request.url.split_once(".kustomerapp.com") {
                return Some(answer(200, &kustomer(path)));
            }
            if request.url.ends_with("/chat/completions") {
                let choice = json!({ "message": { "content": "It is on its way." } });
                return Some(answer(200, &json!({ "choices": [choice] })));
            }
            if request.url.ends_with("/emails") {
                return Some(answer(200, &json!({ "id": "mail-1" })));
            }
            if request.url.ends_with("/embeddings") {
                let item = |index: usize| json!({ "index": index, "embedding": vec![0.5; 512] });
                return Some(answer(200, &json!({ "data": [item(0), item(1)] })));
            }
            let asked = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
            if request.method == "DELETE" || asked.contains("\"is_hidden\"") {
                return Some(answer(200, &json!({ "success": true })));
            }
            if asked.contains("\"comment_id\"") {
                return Some(answer(
                    200,
                    &json!({ "recipient_id": "1", "message_id": "m_1" }),
                ));
            }
            let mut body = match request.url.contains("/messages") {
                true => {
                    let id = ["wamid.SENT", &"=".repeat(sent.replace(sent.get() + 1))].concat();
                    json!({ "messages": [{ "id": id }] })
                }
                false => {
                    json!({ "display_phone_number": "+353 1 234 5678", "verified_name": "Acme" })
                }
            };
            // Meta names the account that was asked about.
            let account = request.url.rsplit_once("/v26.0/").map(|(_, path)| path);
            if let Some((id, _)) = account.and_then(|path| path.split_once('?')) {
                body["id"] = json!(id);
            }
            Some(answer(200, &body))
        });
        let mut live = Self {
            stack,
            tenant,
            session: String::new(),
            names: Vec::new(),
            state: std::cell::OnceCell::new(),
            idp,
            visit: std::cell::OnceCell::new(),
        };
        live.session =
            text(&live.post("dashboard", "/api/dashboard/sessions", &Value::Null)["token"]);
        live.endpoint();
        live.customer();
        live.conversation();
        live.delivery();
        live.file();
        live.integration();
        live.replies();
        live.alert();
        let verify_token = VERIFY_TOKEN.replace(' ', "%20");
        let key_id = live.tenant.api_key.split('_').nth(1).unwrap().to_owned();
        let agent = json!({ "email": "eve@acme.example", "name": "Eve Walsh", "role": "agent" });
        let invited = live.post("dashboard-members", "/api/dashboard/members", &agent);
        let (_, token) = invited["sign_in_url"]
            .as_str()
            .and_then(|url| url.split_once('#'))
            .unwrap();
        let business = &live.tenant.business_id;
        live.stack.ports.set("OPERATOR_BUSINESS_ID", business);
        live.names.extend([
            ("MEMBER_ID", text(&invited["member"]["id"])),
            ("SIGN_IN_TOKEN", token.to_owned()),
            ("BUSINESS_ID", live.tenant.business_id.to_string()),
            ("KEY_ID", key_id),
            ("SESSION_ID", "current".to_owned()),
            ("VERIFY_TOKEN", verify_token),
        ]);
        live
    }

    pub(super) fn post(&self, function: &'static str, path: &str, body: &Value) -> Value {
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

    /// An endpoint, made before all that it is told of.
    fn endpoint(&mut self) {
        let endpoint = json!({ "name": "CRM", "url": "https://crm.example.com", "events": ["*"] });
        let made = self.post("dashboard-webhooks", "/api/dashboard/webhooks", &endpoint);
        self.names
            .push(("WEBHOOK_ID", text(&made["webhook"]["id"])));
    }

    /// An account, and a message from the customer, just now by the provider's clock.
    fn conversation(&mut self) {
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

    /// Somebody who is told of alerts, and an alert.
    fn alert(&mut self) {
        let slack = "https://hooks.slack.com/services/T0/B0/X";
        let destination = json!({ "type": "slack", "name": "On call", "url": slack });
        let path = "/api/dashboard/alerts/destinations";
        let made = self.post("dashboard-alerts", path, &destination);
        self.names
            .push(("DESTINATION_ID", text(&made["destination"]["id"])));
        let id = "01a1f84b-2210-7e21-8c44-5b0d7f3e0000";
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        self.stack.db.sql(&format!(
            "INSERT INTO alerts (business_id, id, cause, severity, object, name, summary, began_at, raised_at)
             VALUES ('{business}', '{id}', 'webhook_failing', 'critical', 'e', 'CRM', 'It fails.', {now}, {now})"
        ));
        self.names.push(("ALERT_ID", id.to_owned()));
    }

    /// A connection to Kustomer, and a job of it that failed.
    fn integration(&mut self) {
        let settings = json!({ "subdomain": "acme", "credentials": { "api_key": "eyJ-a-key", "webhook_secret": WEBHOOK_SECRET } });
        let path = "/api/dashboard/integrations/kustomer";
        let call = self.stack.call("dashboard-integrations", "PUT", path);
        let call = call.bearer(&self.session).json(&settings);
        self.send("dashboard-integrations", call);
        let (business, id) = (
            &self.tenant.business_id,
            "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000",
        );
        self.stack.db.sql(
            "UPDATE integrations SET status = 'active', remote_org = '5f0c9b7a8d3e4f0012a1b2c3'",
        );
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail,
               state, ordered_at, failures, error, created_at, updated_at)
             VALUES ('{business}', 'kustomer', 'remote:message:m:1', '{id}', 's', 'remote',
               'message:m:1', '{{}}', 'failed', 7, 1, '{{\"code\":\"not_found\",\"message\":\"No.\"}}', 7, 7)"
        ));
        self.names.push(("JOB_ID", id.to_owned()));
    }

    /// A server that writes drafts.
    fn replies(&self) {
        let settings =
            json!({ "base_url": "https://llm.example/v1", "model": "m", "api_key": "sk-a-key" });
        let call = self
            .stack
            .call("suggest-reply", "PUT", "/api/dashboard/replies");
        self.send("suggest-reply", call.bearer(&self.session).json(&settings));
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
