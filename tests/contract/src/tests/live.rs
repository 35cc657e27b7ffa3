//! The functions' own handlers on SQLite.

mod handlers;
mod links;
mod people;
mod world;

use super::{check, resolved};
use crate::curl::path_of;
use crate::document::example;
use crate::entry::{FORM, FORM_ENCODED};
use crate::operations::entry;
use common::http::ledger::BASE_PATH;
use common::http::{Access, Route, Scope};
use common::signatures::{hmac_sha256_hex, standard_webhook_signature};
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::rc::Rc;
use testkit::{
    APP_SECRET, AUTH_TOKEN, Answer, Call, IdentityProvider, PLATFORM_TOKEN, Stack, Tenant,
    signed_by_twilio,
};

/// By which Resend signs in the examples.
pub(super) const WEBHOOK_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A deployment with one business, in which everything is there that the examples name.
pub(super) struct Live {
    pub(super) stack: Stack,
    pub(super) tenant: Tenant,
    pub(super) session: String,
    /// What stands for `$NAME` in sample calls.
    names: Vec<(&'static str, String)>,
    /// What a person was sent away with to authorize a link.
    state: OnceCell<String>,
    /// By whom members sign in.
    idp: Rc<IdentityProvider>,
    /// The state with which a browser was sent there, and its cookie.
    visit: OnceCell<(String, String)>,
}

impl Live {
    /// Sends a call through the function's own handler.
    pub(super) fn send(&self, function: &str, call: Call<'_>) -> Answer {
        handlers::send(function, call)
    }

    fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if text.contains("$LINK_ID") {
            text = text.replace("$LINK_ID", &self.link());
        }
        if text.contains("$CHATWOOT_ID") {
            text = text.replace("$CHATWOOT_ID", &self.chatwoot());
        }
        if text.contains("$COMMENT_ID") {
            text = text.replace("$COMMENT_ID", &self.comment());
        }
        for (name, value) in &self.names {
            text = text.replace(&format!("${name}"), value);
        }
        text
    }

    /// An account of Chatwoot's, made for the one operation that names it.
    fn chatwoot(&self) -> String {
        let known = "SELECT max(id) FROM channels WHERE kind = 'chatwoot'";
        let known = self.stack.db.value(known).into_text();
        known.unwrap_or_else(|| {
            self.stack.channel(
                &self.tenant,
                "chatwoot",
                "chat.acme.example#1",
                &json!({ "base_url": "https://chat.acme.example", "account_id": "1" }),
                &json!({ "access_token": "the token", "webhook_secret": WEBHOOK_SECRET }),
            )
        })
    }

    /// A customer's comment on a post, written just now; made for the operations that name it.
    fn comment(&self) -> String {
        let known = "SELECT max(id) FROM messages WHERE channel = 'facebook_comments'";
        if let Some(id) = self.stack.db.value(known).into_text() {
            return id;
        }
        let credentials = json!({ "access_token": "the token", "app_secret": APP_SECRET });
        let kind = "facebook_comments";
        let none = json!({});
        let channel =
            self.stack
                .channel(&self.tenant, kind, "109780001234567", &none, &credentials);
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        let (conversation, id) = (
            "01a1f84a-9a0f-7e21-8c44-5b0d7f3e0700",
            "01a1f84a-9a10-7e21-8c44-5b0d7f3e0710",
        );
        let customer = "(SELECT id FROM customers LIMIT 1)";
        self.stack.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
               last_message_at, created_at, updated_at)
             VALUES ('{business}', '{conversation}', {customer}, '{channel}', '{kind}', '1_2/3',
               {now}, {now}, {now})"
        ));
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, content, status, provider_id, sent_at, updated_at)
             VALUES ('{business}', {now} + 7, '{id}', '{conversation}', {customer}, '{channel}', '{kind}',
               'inbound', 'text', 'Is it open?', 'received', '2_4', {now}, {now})"
        ));
        id.to_owned()
    }

    /// The target of the documented call.
    pub(super) fn target(&self, route: &Route) -> String {
        let sample = entry(route.operation).unwrap().sample_target;
        let sample = match route.operation {
            "crm_link_file_put" => sample.replace("$LINK_ID", &self.uploaded_link()),
            "crm_link_receive" => sample.replace("$LINK_ID", &self.pushed_link()),
            "crm_link_authorize" => sample.replace("$LINK_ID", &self.asked_link()),
            "crm_link_authorized" => sample
                .replace("$BUSINESS_ID", &self.tenant.business_id)
                .replace("$STATE", &self.state()),
            "sign_in_begin" => {
                self.provider();
                self.named(sample)
            }
            "sign_in_return" => {
                let sample = sample.replace("$STATE", &self.visit().0);
                format!("{sample}&iss={}", IdentityProvider::ISSUER)
            }
            _ => self.named(sample),
        };
        if links::is_about_links(route) {
            self.link();
        }
        format!("{BASE_PATH}{}", path_of(route, &sample))
    }

    pub(super) fn call(&self, route: &Route, target: &str) -> Call<'_> {
        self.stack
            .call(route.function, route.method.as_str(), target)
    }

    pub(super) fn authorised<'s>(&'s self, route: &Route, call: Call<'s>) -> Call<'s> {
        match route.access {
            Access::Public | Access::Provider | Access::Inbox => call,
            Access::Key(Scope::Admin) => call.key(&self.tenant.admin_key),
            Access::Key(_) => call.key(&self.tenant.api_key),
            Access::Session(_) => call.bearer(&self.session),
            Access::Platform => call.bearer(PLATFORM_TOKEN),
        }
    }

    /// A body in the media type of the operation, signed where the provider signs.
    pub(super) fn with_body<'s>(&self, route: &Route, call: Call<'s>, body: &str) -> Call<'s> {
        let shape = entry(route.operation).unwrap().request.as_ref().unwrap();
        if shape.media == FORM {
            let form = format!(
                "--x\r\nContent-Disposition: form-data; name=\"file\"; \
                 filename=\"receipt.pdf\"\r\n\r\n{body}\r\n--x--\r\n"
            );
            return call
                .header("content-type", "multipart/form-data; boundary=x")
                .chunks(vec![Ok(form.into_bytes())]);
        }
        match route.operation {
            "twilio_receive" => {
                let url = format!("https://tieline.example{}", self.target(route));
                let mut params = common::form::pairs(body);
                params.sort_unstable();
                let params: Vec<_> = params
                    .iter()
                    .map(|(n, v)| (n.as_str(), v.as_str()))
                    .collect();
                let signature = signed_by_twilio(AUTH_TOKEN, &url, &params);
                return call
                    .header("x-twilio-signature", &signature)
                    .body(body)
                    .header("content-type", FORM_ENCODED);
            }
            "chatwoot_receive" => {
                let at = (self.stack.now().micros() / 1_000_000).to_string();
                let signed = format!("{at}.{body}");
                let signature = hmac_sha256_hex(WEBHOOK_SECRET.as_bytes(), signed.as_bytes());
                return call
                    .header("x-chatwoot-timestamp", &at)
                    .header("x-chatwoot-signature", &format!("sha256={signature}"))
                    .body(body);
            }
            "crm_link_receive" => return call.bearer(links::PUSH_TOKEN).body(body),
            "crm_event_receive" => {
                let signature = hmac_sha256_hex(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
                return call
                    .header("x-kustomer-webhook-signature", &signature)
                    .body(body);
            }
            "email_receive" => {
                let at = self.stack.now().micros() / 1_000_000;
                let signature = standard_webhook_signature(WEBHOOK_SECRET, "msg_1", at, body);
                return call
                    .header("svix-id", "msg_1")
                    .header("svix-timestamp", &at.to_string())
                    .header("svix-signature", &signature)
                    .body(body);
            }
            _ => {}
        }
        let signature = hmac_sha256_hex(APP_SECRET.as_bytes(), body.as_bytes());
        let call = match route.access {
            Access::Provider => call.header("x-hub-signature-256", &format!("sha256={signature}")),
            _ => call,
        };
        call.body(body)
    }

    /// The documented call.
    pub(super) fn valid(&self, route: &Route) -> Call<'_> {
        self.repeatable(route, self.call(route, &self.target(route)))
    }

    /// The documented call, begun by the caller.
    pub(super) fn repeatable<'s>(&'s self, route: &Route, call: Call<'s>) -> Call<'s> {
        let call = self.authorised(route, call);
        let call = match route.operation {
            "sign_in_return" => call.header("cookie", &self.visit().1),
            _ => call,
        };
        match self.body_of(route) {
            Some(body) => self.with_body(route, call, &body),
            None => call,
        }
    }

    /// The documented body of a call; of a form, its file's.
    pub(super) fn body_of(&self, route: &Route) -> Option<String> {
        let shape = entry(route.operation).unwrap().request.as_ref()?;
        if shape.media == FORM {
            return Some("%PDF-1.7\n".to_owned());
        }
        let mut body = serde_json::to_value(example(shape).unwrap()).unwrap();
        if let Some(id) = body.get_mut("conversation_id") {
            *id = self.named("$CONVERSATION_ID").into();
        }
        if route.operation == "sign_in_complete" {
            body["token"] = self.named("$SIGN_IN_TOKEN").into();
        }
        if route.operation == "sign_in_provider_put" {
            body["issuer"] = IdentityProvider::ISSUER.into();
        }
        if let Some(id) = body.get_mut("business_id") {
            *id = self.tenant.business_id.as_str().into();
        }
        if let Some(id) = body.get_mut("customer") {
            *id = self.named("$CUSTOMER_ID").into();
        }
        // The account of the example is there already.
        if route.operation == "channel_create" {
            body["phone_number_id"] = "2".into();
        }
        if shape.media == FORM_ENCODED {
            let fields = body.as_object().unwrap().iter();
            let fields = fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
            return Some(common::form::encoded(fields));
        }
        let account = self.named("$PHONE_NUMBER_ID");
        Some(body.to_string().replace("106540352242922", &account))
    }
}

/// Checks an answer against what the document says of the operation: status, shape and code.
pub(super) fn documented(doc: &Value, route: &Route, answer: &Answer, what: &str) {
    let what = format!(
        "{} {what}: {} {}",
        route.operation,
        answer.status,
        answer.text()
    );
    let method = route.method.as_str().to_ascii_lowercase();
    let responses = &doc["paths"][route.path][&method]["responses"];
    let response = responses
        .get(answer.status.to_string())
        .unwrap_or_else(|| panic!("{what}"));
    let response = resolved(doc, response);
    for header in response["headers"].as_object().unwrap().keys() {
        let required = doc["components"]["headers"][header]["required"] == true;
        assert!(
            answer.header(header).is_some() || !required,
            "{header} {what}"
        );
    }
    let Some(content) = response.get("content") else {
        assert_eq!(answer.text(), "", "{what}");
        return;
    };
    let sent = answer
        .header("content-type")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let media = content.get(sent).or_else(|| content.get("*/*"));
    let media = media.unwrap_or_else(|| panic!("{sent} {what}"));
    let value = if sent == "application/json" {
        answer.json.clone()
    } else {
        answer.text().into()
    };
    check(doc, &media["schema"], &value, &what);
    if let Some(code) = answer.json.get("code") {
        assert!(
            media["examples"].get(code.as_str().unwrap()).is_some(),
            "{what}"
        );
    }
}
