//! The CRM links of the examples.

use super::Live;
use common::http::Route;
use common::ports::{OutboundResponse, Queue};
use serde_json::{Value, json};

/// By which pushes prove who sends them.
pub(super) const PUSH_TOKEN: &str = "a-token-of-the-crm";
/// Where nothing is, for a deployment whose database is down.
const NO_LINK: &str = "01a1f84a-9b02-7d11-a2c8-1f6e0b9d0000";

/// Whether an operation shows more where there is a link. The one that adds it makes its own.
pub(super) fn is_about_links(route: &Route) -> bool {
    let is_function = ["crm-links", "customer-context"].contains(&route.function);
    is_function && route.operation != "crm_link_add"
}

/// The customers of the CRM.
pub(super) fn source(url: &str) -> Option<OutboundResponse> {
    let john = json!({
        "id": "cust-123", "name": "John Doe", "email": "john@example.com", "subscription": "Premium",
        "support_level": "Gold",
    });
    url.starts_with("https://api.crm.com/")
        .then(|| OutboundResponse {
            status: 200,
            headers: vec![("content-type".into(), "application/json".into())],
            body: json!({ "customers": [john] }).to_string().into_bytes(),
            is_cut: false,
        })
}

impl Live {
    /// The link of the examples, fetched.
    pub(super) fn link(&self) -> String {
        let link: Value =
            serde_json::from_str(include_str!("../../examples/crm_link.request.json")).unwrap();
        self.added("api", link)
    }

    /// A link that records are pushed to.
    pub(super) fn pushed_link(&self) -> String {
        let link = json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Orders", "type": "webhook",
            "url": "https://shop.example.com", "api_key": PUSH_TOKEN, "is_active": true,
        });
        self.added("webhook", link)
    }

    /// A link whose file is uploaded.
    pub(super) fn uploaded_link(&self) -> String {
        let link = json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Prices", "type": "file",
            "url": "file:prices.csv", "is_active": true,
        });
        self.added("file", link)
    }

    fn added(&self, kind: &str, link: Value) -> String {
        let known = format!("SELECT max(id) FROM knowledge_links WHERE type = '{kind}'");
        if let Some(id) = self.stack.db.value(&known).into_text() {
            return id;
        }
        let added = self.post("crm-links", "/api/dashboard/crm-links", &link);
        for (message, _) in self.stack.ports.take_wakes(Queue::Links) {
            self.stack
                .job(&message, refresh_crm_links::handler::refresh);
        }
        let id = added["crm_link"]["id"].as_str();
        id.unwrap_or(NO_LINK).to_owned()
    }
}
