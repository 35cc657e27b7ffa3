use crate::{Connection, Stack, Tenant};
use channels::{app_secret_id, credentials_context, verify_token_id};
use common::Context;
use common::ids::ChannelId;
use serde_json::Value;

/// What the WhatsApp account of a test has for secrets.
pub const APP_SECRET: &str = "the app secret of the tests";
/// See [`APP_SECRET`].
pub const VERIFY_TOKEN: &str = "the verify token of the tests";
/// See [`APP_SECRET`].
pub const ACCESS_TOKEN: &str = "the access token of the tests";

impl Stack {
    /// Gives a business a WhatsApp account with the secrets of the tests, and gives its id.
    #[must_use]
    pub fn whatsapp(&self, tenant: &Tenant, phone_number_id: &str) -> String {
        self.whatsapp_signed(tenant, phone_number_id, APP_SECRET)
    }

    /// As [`Stack::whatsapp`], of another Meta app.
    #[must_use]
    pub fn whatsapp_signed(&self, tenant: &Tenant, phone_number_id: &str, secret: &str) -> String {
        let credentials = serde_json::json!({
            "access_token": ACCESS_TOKEN, "app_secret": secret, "verify_token": VERIFY_TOKEN,
        });
        let settings = serde_json::json!({});
        self.channel(tenant, "whatsapp", phone_number_id, &settings, &credentials)
    }

    /// Gives a business an account of any kind, and gives its id.
    #[must_use]
    pub fn channel(
        &self,
        tenant: &Tenant,
        kind: &str,
        address: &str,
        settings: &Value,
        credentials: &Value,
    ) -> String {
        let id = std::cell::RefCell::new(String::new());
        let log = self.job("", async |cx: &Context<'_>, _: &str| {
            *id.borrow_mut() = cx.ids.next();
            let (id, business) = (id.borrow().clone(), &tenant.business_id);
            let context = credentials_context(business, &ChannelId::unchecked(id.as_str()));
            let sealed = cx
                .ports
                .seal(cx.entropy, &context, &credentials.to_string())?;
            let app_secret = match credentials["app_secret"].as_str() {
                Some(secret) => app_secret_id(cx, secret).await?,
                None => String::new(),
            };
            let second = match credentials["instagram_app_secret"].as_str() {
                Some(secret) => app_secret_id(cx, secret).await?,
                None => String::new(),
            };
            let token = match credentials["verify_token"].as_str() {
                Some(token) => format!("'{}'", verify_token_id(cx, token).await?),
                None => "NULL".into(),
            };
            self.db.sql(&format!(
                "INSERT INTO channels (business_id, id, kind, name, address, settings, credentials,
                   app_secret_id, second_secret_id, verify_token_id, created_at, updated_at)
                 VALUES ('{business}', '{id}', '{kind}', '{kind}', '{address}', '{settings}',
                   '{sealed}', '{app_secret}', '{second}', {token}, 0, 0)"
            ));
            Ok(())
        });
        assert_eq!(log["code"], Value::Null, "{log}");
        id.into_inner()
    }
}

impl Stack {
    /// A delivery of Meta that a customer with this number wrote this to the account.
    #[must_use]
    pub fn whatsapp_delivery(phone_number_id: &str, id: &str, from: &str, text: &str) -> Value {
        serde_json::json!({"object": "whatsapp_business_account", "entry": [{"id": "waba",
        "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": phone_number_id},
            "contacts": [{"wa_id": from, "profile": {"name": format!("Customer {from}")}}],
            "messages": [{"id": id, "from": from, "timestamp": "1767323000", "type": "text",
                "text": {"body": text}}],
        }}]}]})
    }

    /// Takes in, past the receiver's signature, that a customer wrote to a WhatsApp account.
    pub fn receive_whatsapp(&self, phone_number_id: &str, id: &str, from: &str, text: &str) {
        let body = Self::whatsapp_delivery(phone_number_id, id, from, text).to_string();
        let signature = common::signatures::hmac_sha256(APP_SECRET.as_bytes(), body.as_bytes());
        let log = self.job("", async |cx: &Context<'_>, _: &str| {
            webhook_meta::handler::receive(cx, &signature, body.as_bytes()).await?;
            Ok(())
        });
        assert_eq!(log["code"], Value::Null, "{log}");
    }
}

impl Stack {
    /// Gives a business something of most: an account with this number, an endpoint, three customers who wrote, and a CRM by
    /// this connector.
    pub fn fill(&self, tenant: &Tenant, number: &str, connector: &str) {
        let _account = self.whatsapp(tenant, number);
        let (_endpoint, _) =
            self.endpoint(tenant, "https://crm.example/hook", &["message.received"]);
        for n in 0..3 {
            let (id, from) = (format!("wamid.{n}"), format!("35387123456{n}"));
            self.receive_whatsapp(number, &id, &from, "Is \"it\" open? \u{1f600}");
        }
        let connection = Connection {
            connector,
            org: "org",
            user: "user",
            settings: &serde_json::json!({}),
            credentials: &serde_json::json!({"api_key": "a-key-of-the-crm"}),
        };
        self.connect(tenant, &connection);
    }
}
