//! A business that is connected to Krayin, for the tests of the functions.

use serde_json::{Value, json};
use testkit::{Connection, Stack, Tenant};

/// Where the Krayin of the tests is.
pub(crate) const KRAYIN: &str = "https://crm.acme.example/api/v1";
/// The token by which a test's business is known there.
pub(crate) const KRAYIN_TOKEN: &str = "7|the-token-of-the-tests";
/// The word for user and URL.
pub(crate) const KRAYIN_ORG: &str = "0123456789abcdef";
/// The secret at the end of the webhook's URL.
pub(crate) const KRAYIN_SECRET: &str = "5ec7e700000000000000000000000000";

/// Connects a business to Krayin, with these settings beside the usual ones.
pub(crate) fn connect(stack: &Stack, tenant: &Tenant, settings: &Value) {
    let mut all = json!({ "api_url": KRAYIN });
    if let (Some(all), Some(more)) = (all.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    let connection = Connection {
        connector: "krayin",
        org: KRAYIN_ORG,
        user: "1",
        settings: &all,
        credentials: &json!({ "api_token": KRAYIN_TOKEN, "webhook_secret": KRAYIN_SECRET }),
    };
    stack.connect(tenant, &connection);
}
