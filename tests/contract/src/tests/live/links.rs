//! The CRM links of the examples.

use super::Live;
use common::http::Route;
use common::ports::{OutboundResponse, Queue};
use serde_json::{Value, json};

/// By which pushes prove who sends them.
pub(super) const PUSH_TOKEN: &str = "a-token-of-the-crm";
/// Where tokens are given out.
const TOKENS: &str = "https://login.crm.com/token";
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
    if url == TOKENS {
        return Some(answer(
            &json!({ "access_token": "a-token", "expires_in": 1800 }),
        ));
    }
    url.starts_with("https://api.crm.com/")
        .then(|| answer(&json!({ "customers": [john] })))
}

fn answer(body: &Value) -> OutboundResponse {
    OutboundResponse {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        is_cut: false,
    }
}

impl Live {
    /// The link of the examples, fetched.
    pub(super) fn link(&self) -> String {
        let link: Value =
            serde_json::from_str(include_str!("../../examples/crm_link.request.json")).unwrap();
        self.added(link)
    }

    /// A link that records are pushed to.
    pub(super) fn pushed_link(&self) -> String {
        self.added(json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Orders", "type": "webhook",
            "url": "https://shop.example.com", "api_key": PUSH_TOKEN, "is_active": true,
        }))
    }

    /// A link whose file is uploaded.
    pub(super) fn uploaded_link(&self) -> String {
        self.added(json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Prices", "type": "file",
            "url": "file:prices.csv", "is_active": true,
        }))
    }

    /// A link that a person authorizes.
    pub(super) fn asked_link(&self) -> String {
        let auth = json!({
            "type": "oauth2", "grant": "authorization_code", "token_url": TOKENS, "client_id": "tieline",
            "authorize_url": "https://login.crm.com/authorize",
        });
        self.added(json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Deals", "auth": auth,
            "url": "https://api.crm.com/deals", "is_active": true,
        }))
    }

    /// The state with which a person was sent away to authorize that link.
    pub(super) fn state(&self) -> String {
        self.state.get_or_init(|| self.begun()).clone()
    }

    fn begun(&self) -> String {
        let target = format!("/api/dashboard/crm-links/{}/authorize", self.asked_link());
        let begun = self.post("authorize-crm-links", &target, &json!({}));
        let url = begun["authorize_url"].as_str().unwrap_or_default();
        let pairs = common::form::pairs(url.split_once('?').unwrap_or_default().1);
        let state = pairs.into_iter().find(|(name, _)| name == "state");
        state.map(|(_, state)| state).unwrap_or_default()
    }

    fn added(&self, link: Value) -> String {
        let known = format!(
            "SELECT max(id) FROM knowledge_links WHERE url = {}",
            link["url"]
        );
        let known = known.replace('"', "'");
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
