//! Connecting a business to Kustomer: its settings, the test of the connection, switching it on and
//! off.

mod enable;
mod patch;
mod probe;
mod roles;
#[cfg(feature = "schema")]
mod schema;
mod view;

pub use enable::{EnableAnswer, WebhookMade, kustomer_disable, kustomer_enable};
pub use patch::kustomer_put;
pub use probe::{Connection, Problem, RemoteUser, Team, TestRequest, Tested, kustomer_test};
pub use roles::{MissingRole, Roles};
#[cfg(feature = "schema")]
pub use schema::{
    CredentialsPatch, EscalationPatch, FeaturesPatch, KustomerPatch, RolloutPatch, TestCredentials,
    TestPatch,
};
pub use view::{
    CredentialsShown, EscalationSettings, Features, KeyShown, KustomerIntegration, OneIntegration,
    RolloutSettings, SecretShown, Source, TeamRoute, kustomer_get,
};

use super::NAME;
use super::api::{limits, shown};
use channels::outbound::Answered;
use common::context::Context;
use common::http::Error;
use common::json::Fields;
use common::json::raw::texts;
use common::outside::OutboundRequest;
use crm::{Desk, Failure, Integration, integration_get};

/// How often a change is tried that others come before.
const TRIES: u32 = 4;

/// The business's connection; one without anything where nothing was ever set.
async fn stored(cx: &Context<'_>) -> Result<Integration, Error> {
    let stored = integration_get(cx, NAME).await?;
    Ok(stored.unwrap_or_else(|| Integration {
        connector: NAME.to_owned(),
        settings: "{}".to_owned(),
        ..Integration::default()
    }))
}

/// A connection's own secrets: `api_key`, `webhook_token`.
fn own_secrets(cx: &Context<'_>, integration: &Integration) -> Result<Fields<String>, Error> {
    let opened = integration.opened(cx)?;
    Ok(opened.as_deref().and_then(texts).unwrap_or_default())
}

/// Makes a request while a person waits.
async fn ask(desk: &Desk<'_>, request: OutboundRequest) -> Result<Answered, Failure> {
    desk.ask(&shown(&request), request, limits).await
}

/// The URL for Kustomer's webhook.
fn webhook_url(cx: &Context<'_>) -> Result<String, Error> {
    Ok(cx.outside.public_origin()? + "/api/webhooks/kustomer")
}

fn changes_all_the_time() -> Error {
    Error::unavailable("an integration changes all the time")
}
