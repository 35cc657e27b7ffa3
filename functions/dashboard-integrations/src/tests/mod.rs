mod enable;
mod krayin;
mod probe;
mod settings;
mod status;

use common::ports::OutboundRequest;
use dashboard_integrations::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant, answer};

/// Keys of the tests, seen nowhere but in a request to Kustomer.
const KEY: &str = "eyJ-the-key-of-the-business-wxyz";
const DEFAULT_KEY: &str = "eyJ-the-key-of-the-deployment-5678";
/// What signs the webhook of the tests.
const TOKEN: &str = "token-that-signs";
const URL: &str = "https://tieline.example/api/webhooks/kustomer";

/// A business with an open session.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let token = stack.session(&tenant);
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// With key and subdomain.
    fn connected() -> Self {
        let desk = Self::new();
        let body = json!({ "subdomain": "acme", "credentials": { "api_key": KEY } });
        assert_eq!(desk.put(&body).status, 200);
        desk
    }

    /// Another business of the same deployment.
    fn other(&self) -> Self {
        let tenant = self.stack.tenant("Other");
        let token = self.stack.session(&tenant);
        Self {
            stack: self.stack.clone(),
            tenant,
            token,
        }
    }

    /// A call whose answer and log line have no secret.
    fn call(&self, method: &str, suffix: &str, body: &Value) -> Answer {
        let target = format!("/functions/v1/api/dashboard/integrations{suffix}");
        let call = self.stack.call("dashboard-integrations", method, &target);
        let call = call.bearer(&self.token);
        let answer = call.json_unless_null(body).send(handle);
        for secret in [KEY, DEFAULT_KEY, TOKEN] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
            assert!(!answer.log.to_string().contains(secret), "{}", answer.log);
        }
        answer
    }

    fn get(&self) -> Value {
        self.call("GET", "/kustomer", &Value::Null).json["integration"].clone()
    }

    fn put(&self, body: &Value) -> Answer {
        self.call("PUT", "/kustomer", body)
    }

    fn post(&self, what: &str, body: &Value) -> Answer {
        self.call("POST", &format!("/kustomer/{what}"), body)
    }

    fn set(&self, set: &str) {
        self.stack.db.sql(&format!("UPDATE integrations SET {set}"));
    }
}

/// Refuses callers without a session, whoever else they are.
fn refuses_callers(method: &str, path: &str) {
    let desk = Desk::new();
    let target = format!("/api/dashboard/integrations{path}");
    let route = ("dashboard-integrations", method, target.as_str());
    desk.stack.asks_for_a_session(&desk.tenant, route, handle);
    assert!(desk.stack.ports.take_requests().is_empty());
}

/// Refuses query parameters, which none of its operations has.
fn refuses_query(method: &str, path: &str) {
    let desk = Desk::connected();
    let refused = desk.call(method, &format!("{path}?deep=1"), &Value::Null);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

/// A Kustomer with one key, and webhooks that are kept.
fn kustomer(desk: &Desk, roles: &[&str]) {
    let attributes = json!({ "roles": roles, "name": "Tieline" });
    let token = json!({ "data": { "type": "token", "id": "t1", "attributes": attributes,
        "relationships": { "org": { "data": { "type": "org", "id": "org-1" } } } } });
    let user = json!({ "data": { "type": "user", "id": "user-1",
        "attributes": { "displayName": "Tieline", "userType": "machine" },
        "relationships": { "org": { "data": { "type": "org", "id": "org-1" } } } } });
    let teams = json!({ "data": [
        { "type": "team", "id": "team-1", "attributes": { "name": "Support" } },
        { "type": "team", "id": "team-2", "attributes": { "name": "Old", "deleted": true } }
    ] });
    desk.stack.ports.respond(move |request: &OutboundRequest| {
        let known = [KEY, DEFAULT_KEY].map(|key| format!("Bearer {key}"));
        let told = &request
            .headers
            .iter()
            .find(|(name, _)| *name == "authorization")?
            .1;
        if !known.contains(told) {
            return Some(answer(
                401,
                &json!({ "errors": [{ "code": "unauthorized" }] }),
            ));
        }
        let path = request.url.split(".com").nth(1)?;
        Some(match (request.method, path) {
            ("GET", "/v1/auth/tokens/current") => answer(200, &token),
            ("GET", "/v1/users/current") => answer(200, &user),
            ("GET", "/v1/teams?pageSize=500") => answer(200, &teams),
            ("GET", "/v1/outbound-webhooks") => answer(200, &json!({ "data": [] })),
            ("GET", "/v1/outbound-webhooks/hook-1") => answer(200, &hook("hook-1", URL)),
            ("POST", "/v1/outbound-webhooks") => answer(201, &hook("hook-1", URL)),
            _ => return None,
        })
    });
}

fn hook(id: &str, url: &str) -> Value {
    let attributes = json!({ "name": "Tieline", "url": url, "token": TOKEN, "enabled": true });
    json!({ "data": { "type": "outbound_webhook", "id": id, "attributes": attributes } })
}

/// What was asked, without the host.
fn requests_made(desk: &Desk) -> Vec<String> {
    let requests = desk.stack.ports.take_requests().into_iter();
    let shown = requests.map(|request| {
        let path = request.url.split(".com").nth(1).unwrap_or_default();
        format!("{} {path}", request.method)
    });
    shown.collect()
}
