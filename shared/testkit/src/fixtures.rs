use crate::Example;
use crate::{Stack, Tenant};
use access::sso::jwt::{Grant, sign};
use access::sso::{SCOPE_CARD, key_of, key_statements};
use common::Context;
use common::context::Agent;
use common::http::{Request, Response};
use common::ids::ChannelId;
use common::ports::Queue;
use common::time::SECOND;
use crm::Connector;
use dashboard::handler::session_create;
use dashboard_webhooks::settings::endpoint_create;
use serde_json::Value;
use sso_token::create::{CreatedToken, TokenRequest, sso_token_create};
use webhooks::{CreatedEndpoint, EndpointRequest};

/// The id of the customer that [`Stack::customer`] makes.
pub const CUSTOMER_ID: &str = "01900000-0000-7000-8000-0000000000c1";
/// The id of the conversation that [`Stack::conversation`] makes.
pub const CONVERSATION_ID: &str = "01900000-0000-7000-8000-0000000000d1";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Stack {
    /// Makes an endpoint that wants these events; gives its id and its secret.
    pub fn endpoint(&self, tenant: &Tenant, url: &str, events: &[&str]) -> (String, String) {
        let request = EndpointRequest {
            name: "CRM".into(),
            url: url.into(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            retries: None,
        };
        let mut made = None;
        self.job("", async |cx: &Context<'_>, _: &str| {
            made = Some(endpoint_create(&cx.of_business(&tenant.business_id), request).await?);
            Ok(())
        });
        let CreatedEndpoint { webhook, secret } = made.expect("an endpoint can be made");
        (webhook.id.to_string(), secret)
    }

    /// A deployment with one business, which is told of everything.
    #[must_use]
    pub fn with_listener() -> (Self, Tenant) {
        let (stack, tenant) = Self::with_tenant();
        stack.listen(&tenant);
        (stack, tenant)
    }

    /// Gives a business an endpoint that is told of everything.
    pub fn listen(&self, tenant: &Tenant) {
        let (_endpoint, _secret) = self.endpoint(tenant, "https://crm.example.com/hooks", &["*"]);
    }

    /// Opens a session of the settings; gives its token.
    #[must_use]
    pub fn session(&self, tenant: &Tenant) -> String {
        let opened = self
            .call("dashboard", "POST", "/api/dashboard/sessions")
            .key(&tenant.admin_key)
            .send(async |cx: &Context<'_>, _: Request| {
                let session = session_create(cx).await?;
                Ok(Response::json(201, &session))
            });
        opened.json["token"].as_str().expect("a token").to_owned()
    }

    /// Holds a route against callers without a session: an API key in its place is refused, and one as a bearer.
    pub fn asks_for_a_session<H>(
        &self,
        tenant: &Tenant,
        (function, method, target): (&'static str, &str, &str),
        handler: H,
    ) where
        H: AsyncFn(&Context<'_>, Request) -> common::http::Result<Response> + Copy,
    {
        let call = || self.call(function, method, target);
        for key in [&tenant.admin_key, &tenant.api_key] {
            let refused = call().key(key).send(handler);
            assert_eq!(refused.refusal(), (401, "missing_token"));
            let refused = call().bearer(key).send(handler);
            assert_eq!(refused.refusal(), (401, "invalid_token"));
        }
    }

    /// Makes a token of the inbox that lives for an hour: for one customer, or for all of them; for
    /// this agent, by id and name.
    #[must_use]
    pub fn inbox_token(
        &self,
        tenant: &Tenant,
        customer: Option<&str>,
        agent: Option<(&str, &str)>,
    ) -> CreatedToken {
        let request = TokenRequest {
            customer_id: customer.map(str::to_owned),
            scope: customer.is_none().then(|| "inbox:all".into()),
            expires_in: Some(3600),
            agent: agent.map(|(id, name)| Agent {
                id: id.into(),
                name: name.into(),
                email: None,
            }),
        };
        let mut made = None;
        self.job("", async |cx: &Context<'_>, _: &str| {
            made = Some(sso_token_create(&cx.of_business(&tenant.business_id), request).await?);
            Ok(())
        });
        made.expect("a token can be made")
    }

    /// Gives a business an account of a source at `https://chat.example.com/help` with a CRM card; gives its id and
    /// the token of the card, which lives for an hour.
    #[must_use]
    pub fn card(&self, tenant: &Tenant) -> (String, String) {
        let mut made = (String::new(), String::new());
        self.job("", async |cx: &Context<'_>, _: &str| {
            made.1 = cx.ids.next();
            Ok(())
        });
        let settings = serde_json::json!({
            "base_url": "https://chat.example.com/help", "account_id": "3", "external_system": "chatwoot",
            "crm_card": "true", "card_token_id": made.1,
        });
        let none = serde_json::json!({});
        made.0 = self.channel(
            tenant,
            "chatwoot",
            "chat.example.com/help#3",
            &settings,
            &none,
        );
        let token_id = made.1.clone();
        self.job("", async |cx: &Context<'_>, _: &str| {
            let own = cx.of_business(&tenant.business_id);
            let mut results = own.db.batch(key_statements(&own).to_vec()).await?;
            let key_id = key_of(&results.pop().expect("a key"))?;
            let grant = Grant {
                business_id: tenant.business_id.clone(),
                scope: SCOPE_CARD.into(),
                customer_id: None,
                agent: None,
                jti: token_id,
                api_key_id: None,
                channel_id: ChannelId::parse(&made.0),
                member: None,
            };
            made.1 = sign(
                &cx.ports,
                &key_id,
                grant,
                cx.now,
                cx.now.plus(3600 * SECOND),
            )?;
            Ok(())
        });
        made
    }

    /// Puts an event into the outbox; gives its sequence.
    pub fn happened(&self, tenant: &Tenant, event: &str, subject: &str, detail: &Value) -> i64 {
        let detail = match detail {
            Value::Null => "NULL".to_owned(),
            detail => quoted(&detail.to_string()),
        };
        let business = quoted(&tenant.business_id);
        let last = format!(
            "(SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = {business})"
        );
        self.db.sql(&format!(
            "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
             SELECT {business}, 1 + {last}, 'event-' || (1 + {last}), {}, {}, {}, {detail}",
            quoted(event),
            quoted(subject),
            self.now().micros(),
        ));
        let sequence = self.db.value(&format!("SELECT {last}"));
        sequence.as_integer().expect("a sequence")
    }

    /// Makes the customer [`CUSTOMER_ID`], with these custom fields.
    pub fn customer(&self, tenant: &Tenant, custom_fields: &str) {
        self.db.sql(&format!(
            "INSERT INTO customers (business_id, id, external_id, name, email, phone,
               custom_fields, revision, created_at, updated_at)
             VALUES ({}, '{CUSTOMER_ID}', 'CRM-12345', 'John Doe', 'john@example.com',
               '+353871234567', {}, 1, {now}, {now})",
            quoted(&tenant.business_id),
            quoted(custom_fields),
            now = self.now().micros(),
        ));
    }

    /// Makes the customer and, of them, the WhatsApp conversation [`CONVERSATION_ID`].
    pub fn conversation(&self, tenant: &Tenant) {
        self.customer(tenant, r#"{"crm_segment":"enterprise"}"#);
        self.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
               last_message_at, created_at, updated_at)
             VALUES ({}, '{CONVERSATION_ID}', '{CUSTOMER_ID}', 'channel', 'whatsapp',
               {now}, {now}, {now})",
            quoted(&tenant.business_id),
            now = self.now().micros(),
        ));
    }

    /// Makes a message of that conversation, without an event; gives its id.
    pub fn message(&self, tenant: &Tenant, content: &str) -> String {
        let count = self.db.value("SELECT count(*) FROM messages").as_integer();
        let n = count.expect("a count");
        let id = format!("01900000-0000-7000-8000-{n:012x}");
        self.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, content, status, sent_at, updated_at)
             VALUES ({}, {}, '{id}', '{CONVERSATION_ID}', '{CUSTOMER_ID}', 'channel', 'whatsapp',
               'inbound', 'text', {}, 'received', {now}, {now})",
            quoted(&tenant.business_id),
            self.now().micros() + n,
            quoted(content),
            now = self.now().micros(),
        ));
        id
    }

    /// Hands a business's events out, to the [`Example`], too; gives the log line.
    pub fn fan_out(&self, tenant: &Tenant) -> Value {
        self.job(
            &tenant.business_id,
            async |cx: &Context<'_>, business_id: &str| {
                let example: &dyn Connector = &Example;
                let all = [connectors::CONNECTORS, &[example]].concat();
                fan_out::handler::handle_with(&all, cx, business_id).await
            },
        )
    }

    /// Does every job that waits for an endpoint at once, and those that these ask for at once;
    /// gives after how many seconds the others are to be done.
    pub fn deliver_now(&self) -> Vec<u32> {
        let mut later = Vec::new();
        loop {
            let wakes = self.ports.take_wakes(Queue::Deliveries);
            if wakes.is_empty() {
                return later;
            }
            for (message, delay) in wakes {
                if delay == 0 {
                    self.job(&message, deliver_webhooks::handler::handle);
                } else {
                    later.push(delay);
                }
            }
        }
    }
}
