//! The functions' own handlers on SQLite.

use super::{check, resolved};
use crate::operations::entry;
use common::http::ledger::BASE_PATH;
use common::http::{Access, Route, Scope};
use serde_json::{Value, json};
use testkit::{Answer, Call, PLATFORM_TOKEN, Stack, Tenant};

#[path = "../../../../functions/customers-batch-lookup/src/handler.rs"]
mod batch_lookup;
#[path = "../../../../functions/customers-bulk-create/src/handler.rs"]
mod bulk_create;
#[path = "../../../../functions/customers/src/handler.rs"]
mod customers;
#[path = "../../../../functions/dashboard/src/handler.rs"]
mod dashboard;
#[path = "../../../../functions/gateway/src/handler.rs"]
mod gateway;
#[path = "../../../../functions/customers-sync/src/handler.rs"]
mod sync;

/// A deployment with one business and one customer.
pub(super) struct Live {
    pub(super) stack: Stack,
    pub(super) tenant: Tenant,
    pub(super) session: String,
    customer_id: String,
    key_id: String,
}

impl Live {
    pub(super) fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let mut live = Self {
            stack,
            tenant,
            session: String::new(),
            customer_id: String::new(),
            key_id: String::new(),
        };
        let record =
            json!({ "external_id": "CRM-12345", "name": "John", "email": "john@example.com" });
        let sync = live
            .stack
            .call("customers-sync", "POST", "/api-customers-sync");
        let sync = sync
            .key(&live.tenant.api_key)
            .json(&json!({ "customers": [record] }));
        let synced = live.send("customers-sync", sync).json;
        let session = live
            .stack
            .call("dashboard", "POST", "/api/dashboard/sessions");
        let opened = live
            .send("dashboard", session.key(&live.tenant.admin_key))
            .json;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key_id = live.tenant.api_key.split('_').nth(1).unwrap().to_owned();
        live.customer_id = text(&synced["results"]["details"][0]["customer_id"]);
        live.session = text(&opened["token"]);
        live.key_id = key_id;
        live
    }

    /// Sends a call through the function's own handler.
    pub(super) fn send(&self, function: &str, call: Call<'_>) -> Answer {
        match function {
            "customers" => call.send(customers::handle),
            "customers-batch-lookup" => call.send(batch_lookup::handle),
            "customers-bulk-create" => call.send(bulk_create::handle),
            "customers-sync" => call.send(sync::handle),
            "dashboard" => call.send(dashboard::handle),
            "gateway" => call.send(gateway::handle),
            other => panic!("add the handler of {other} here"),
        }
    }

    /// The target of the documented call.
    pub(super) fn target(&self, route: &Route) -> String {
        let sample = entry(route.operation).unwrap().sample_target;
        let sample = sample
            .replace("$CUSTOMER_ID", &self.customer_id)
            .replace("$KEY_ID", &self.key_id);
        match route.path.split_once("{id}") {
            Some((before, after)) => format!("{BASE_PATH}{before}{sample}{after}"),
            None => format!("{BASE_PATH}{}{sample}", route.path),
        }
    }

    pub(super) fn call(&self, route: &Route, target: &str) -> Call<'_> {
        self.stack
            .call(route.function, route.method.as_str(), target)
    }

    pub(super) fn authorised<'s>(&'s self, route: &Route, call: Call<'s>) -> Call<'s> {
        match route.access {
            Access::Public | Access::Provider => call,
            Access::Key(Scope::Admin) => call.key(&self.tenant.admin_key),
            Access::Key(_) => call.key(&self.tenant.api_key),
            Access::Session => call.bearer(&self.session),
            Access::Platform => call.bearer(PLATFORM_TOKEN),
        }
    }

    /// The documented call.
    pub(super) fn valid(&self, route: &Route) -> Call<'_> {
        let call = self.authorised(route, self.call(route, &self.target(route)));
        match body_of(route) {
            Some(body) => call.json(&body),
            None => call,
        }
    }
}

/// The documented body of a call.
pub(super) fn body_of(route: &Route) -> Option<Value> {
    let shape = entry(route.operation).unwrap().request.as_ref()?;
    Some(serde_json::from_str(shape.example).unwrap())
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
    let media = content.get(sent).unwrap_or_else(|| panic!("{sent} {what}"));
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
