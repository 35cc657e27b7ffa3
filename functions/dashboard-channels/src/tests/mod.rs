mod card;
mod change;
mod chatwoot;
mod create;
mod owners;
mod probe;
mod twilio;

use channels::Credentials;
use common::Context;
use common::http::{Request, Response};
use common::ids::ChannelId;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use dashboard::handler::session_create;
use dashboard_channels::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant, answer};

/// Meta knows every account by the token that comes with it. Nobody else is there.
fn by_graph(request: &OutboundRequest) -> Option<Result<OutboundResponse, FetchError>> {
    let path = request
        .url
        .strip_prefix("https://graph.facebook.com/v26.0/")?;
    let (id, _) = path.split_once('?')?;
    Some(answer(200, &json!({ "id": id })))
}

/// A business with an open session.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

fn session(stack: &Stack, tenant: &Tenant) -> String {
    let opened = stack
        .call("dashboard", "POST", "/api/dashboard/sessions")
        .key(&tenant.admin_key)
        .json(&json!({}))
        .send(async |cx: &Context<'_>, _: Request| {
            Ok(Response::json(201, &session_create(cx).await?))
        });
    opened.json["token"].as_str().unwrap().to_owned()
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        stack.ports.respond(by_graph);
        let token = session(&stack, &tenant);
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// Another business of the same deployment.
    fn other(&self) -> Self {
        let tenant = self.stack.tenant("Other");
        let token = session(&self.stack, &tenant);
        Self {
            stack: self.stack.clone(),
            tenant,
            token,
        }
    }

    fn call(&self, method: &str, suffix: &str, body: &Value) -> Answer {
        let target = format!("/functions/v1/api/dashboard/channels{suffix}");
        self.stack
            .call("dashboard-channels", method, &target)
            .bearer(&self.token)
            .json(body)
            .send(handle)
    }

    fn create(&self, body: &Value) -> Answer {
        self.call("POST", "", body)
    }

    /// A WhatsApp account, and `/<id>`.
    fn connected(&self) -> (Value, String) {
        let made = self.create(&whatsapp());
        assert_eq!(made.status, 201, "{}", made.text());
        self.stack.ports.take_requests();
        let id = format!("/{}", made.json["channel"]["id"].as_str().unwrap());
        (made.json["channel"].clone(), id)
    }

    /// What an account's sealed secrets are.
    fn credentials(&self, id: &str) -> Credentials {
        let id = id.trim_start_matches('/');
        let query = format!("SELECT credentials FROM channels WHERE id = '{id}'");
        let sealed = self.stack.db.value(&query).into_text().unwrap();
        let mut opened = None;
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let business = &self.tenant.business_id;
            let id = ChannelId::unchecked(id);
            opened = Some(Credentials::open(&cx.ports, business, &id, &sealed)?);
            Ok(())
        });
        opened.unwrap()
    }
}

fn whatsapp() -> Value {
    json!({
        "kind": "whatsapp", "name": " Shop ", "phone_number_id": 106_540_352_242_922_u64,
        "waba_id": "102290129340398", "display_phone_number": "+353 1 234 5678",
        "credentials": {
            "access_token": "EAAGtoken", "app_secret": "app-secret-1", "verify_token": "a word"
        }
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[key] = value;
    body
}
