//! Switching a connection on, and off.

use super::view::webhook_url;
use super::{integration_or_unset, key_check, rewrite};
use crate::settings::{integration_disable, integration_enable};
use crate::table::{Draft, Role};
use crate::{CrmClient, Enabled, Integration, Problem, Setup, Tested, cache_put};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::written::quoted;
use common::outside::Queue;
use common::time::DAY;

/// Switches the connection on: tests it, takes note of whose key it is, and has the CRM call us.
///
/// # Errors
/// 409 where something is not set that it needs, or where it uses the deployment's key, as another
/// business does already; 422 with the CRM's reason for what the test finds wrong; 503 where the CRM
/// does not answer.
pub async fn setup_enable(
    cx: &Context<'_>,
    connector: &dyn Setup,
) -> Result<(Integration, Tested, Enabled), Error> {
    let integration = integration_or_unset(cx, connector).await?;
    let client = CrmClient::new(cx, connector, &integration);
    let draft = Draft::stored(cx, &integration)?;
    key_check(cx, connector, &draft.secrets).await?;
    let tested = connector.test(&client, &draft).await?;
    if let Some(problem) = &tested.problem {
        return Err(refused(connector.name(), problem));
    }
    let (name, user) = (connector.name(), tested.remote_user.as_str());
    // First of all, so that nothing is made there for a business that may not have it.
    let org = Some(tested.remote_org.as_str());
    rewrite(cx, connector, org, |_, draft| draft).await?;
    integration_enable(cx, name, user, None).await?;
    let enabled = connector
        .enable(&client, &draft, &webhook_url(cx, connector)?)
        .await?;
    if let Some(secret) = &enabled.webhook_secret {
        let field = connector.settings().secret(Role::Webhook);
        rewrite(cx, connector, org, |_, mut draft| {
            if let Some((_, of_webhook)) = field {
                draft.secrets.insert(of_webhook.stored, secret.clone());
            }
            draft
        })
        .await?;
    }
    if enabled.webhook_id.is_some() {
        cache_put(cx, name, "webhook", &quoted("active"), DAY).await?;
    }
    let webhook_id = enabled.webhook_id.as_deref();
    let after = integration_enable(cx, name, user, webhook_id).await?;
    let after = after.ok_or_else(|| Error::internal("an integration is gone"))?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok((after, tested, enabled))
}

/// Switches the connection off, at once. What waits goes on waiting.
///
/// # Errors
/// 503 when the database is away.
pub async fn setup_disable(cx: &Context<'_>, connector: &dyn Setup) -> Result<Integration, Error> {
    let Some(disabled) = integration_disable(cx, connector.name()).await? else {
        return integration_or_unset(cx, connector).await;
    };
    let client = CrmClient::new(cx, connector, &disabled);
    connector.disable(&client).await?;
    Ok(disabled)
}

/// Why it was not switched on.
fn refused(connector: &'static str, problem: &Problem) -> Error {
    let (kind, path) = match problem.field {
        Some(field) => (Kind::ProviderRejected, field),
        None => (Kind::Unavailable, connector),
    };
    Error::new(kind, problem.message.clone()).with_detail(path, problem.code.clone())
}
