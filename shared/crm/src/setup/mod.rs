//! Connecting a business to a CRM, whichever: its settings, the test of the connection, switching it on
//! and off.

mod enable;
#[cfg(feature = "schema")]
mod schema;
mod view;

pub use enable::{setup_disable, setup_enable};
#[cfg(feature = "schema")]
pub use schema::{object_schema, schema_of};
pub use view::integration_view;

use super::settings::{Desired, deployment_key_check, integration_put};
use super::table::{Change, Draft};
use super::{Connector, CrmClient, Integration, Setup, integration_get};
use common::context::Context;
use common::http::Error;
use common::json::Fields;
use common::outside::Queue;

/// How often a change is tried that others come before.
const TRIES: u32 = 4;

/// The business's connection; one without anything where nothing was ever set.
///
/// # Errors
/// 503 when the database is away.
pub async fn integration_or_unset<C: Connector + ?Sized>(
    cx: &Context<'_>,
    connector: &C,
) -> Result<Integration, Error> {
    let stored = integration_get(cx, connector.name()).await?;
    Ok(stored.unwrap_or_else(|| Integration::unset(connector.name())))
}

/// Changes what a business set: absent keeps, null clears, so that the deployment's default holds
/// again.
///
/// # Errors
/// 409 where it is active and would use the deployment's key, as another business does already.
pub async fn setup_change(
    cx: &Context<'_>,
    connector: &dyn Setup,
    change: &Change,
) -> Result<Integration, Error> {
    let write = |_: &Integration, draft: Draft| draft.changed(change);
    let after = rewrite(cx, connector, None, write).await?;
    // What a wrong key held up goes on.
    if after.is_active {
        cx.wake(Queue::Crm, cx.business_id());
    }
    Ok(after)
}

/// Asks the CRM whether a connection works: with what is stored, or with what the request says in its
/// place. Gives the answer as JSON.
///
/// # Errors
/// 409 where something is not set that it needs.
pub async fn setup_test(
    cx: &Context<'_>,
    connector: &dyn Setup,
    change: &Change,
) -> Result<String, Error> {
    let integration = integration_or_unset(cx, connector).await?;
    let draft = Draft::stored(cx, &integration)?.changed(change);
    key_check(cx, connector, &draft.secrets).await?;
    let client = CrmClient::new(cx, connector, &integration);
    Ok(connector.test(&client, &draft).await?.json)
}

/// Refuses the deployment's key to whoever is not the business that is connected by it.
async fn key_check(
    cx: &Context<'_>,
    connector: &dyn Setup,
    secrets: &Fields<String>,
) -> Result<(), Error> {
    match connector.settings().lacks_key(secrets) {
        true => deployment_key_check(cx, connector.name()).await,
        false => Ok(()),
    }
}

/// Writes settings and secrets, made of what is stored; again where another wrote first. `org` is the
/// organisation at the CRM, where that is known anew.
async fn rewrite(
    cx: &Context<'_>,
    connector: &dyn Setup,
    org: Option<&str>,
    write: impl Fn(&Integration, Draft) -> Draft,
) -> Result<Integration, Error> {
    for _ in 0..TRIES {
        let before = integration_or_unset(cx, connector).await?;
        let draft = write(&before, Draft::stored(cx, &before)?);
        let desired = Desired {
            remote_org: org.unwrap_or(&before.remote_org),
            settings: &draft.settings,
            credentials: &draft.secrets,
            uses_deployment_key: connector.settings().lacks_key(&draft.secrets),
        };
        if let Some(after) = integration_put(cx, &before, &desired).await? {
            return Ok(after);
        }
    }
    Err(Error::unavailable("an integration changes all the time"))
}
