//! A business that is connected to Kustomer, for the tests of the functions.

use serde_json::{Value, json};
use testkit::{Connection, Stack, Tenant};

/// The key by which a test's business is known at Kustomer.
pub(crate) const KUSTOMER_KEY: &str = "eyJ the key of the tests";
/// The organisation of [`KUSTOMER_KEY`].
pub(crate) const KUSTOMER_ORG: &str = "5f0000000000000000000001";
/// The token that its webhook is signed by.
pub(crate) const KUSTOMER_TOKEN: &str = "the webhook token of the tests";
/// Who we are there.
pub(crate) const KUSTOMER_USER: &str = "5f0000000000000000000002";

/// Connects a business to Kustomer, with these settings beside the usual ones.
pub(crate) fn connect(stack: &Stack, tenant: &Tenant, settings: &Value) {
    let mut all = json!({ "subdomain": "acme", "organization_id": KUSTOMER_ORG });
    if let (Some(all), Some(more)) = (all.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    let connection = Connection {
        connector: "kustomer",
        org: KUSTOMER_ORG,
        user: KUSTOMER_USER,
        settings: &all,
        credentials: &json!({ "api_key": KUSTOMER_KEY, "webhook_token": KUSTOMER_TOKEN }),
    };
    stack.connect(tenant, &connection);
}
