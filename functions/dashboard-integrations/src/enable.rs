//! Switching a connection on.

use crate::store::{integration_enable, integration_or_unset, key_check, rewrite};
use crate::view::webhook_url;
use common::context::Context;
use common::http::{Error, Kind};
use common::json::writer::quoted;
use common::ports::Queue;
use common::time::DAY;
use crm::table::{Draft, Role};
use crm::{CrmClient, Enabled, Integration, Problem, Setup, Tested, cache_put};

/// Switches a connection on, and has the CRM call us.
///
/// 1. Reads what is stored: 409 where it uses the deployment's key, as another business does already.
/// 2. Tests it: 409 where something is not set that it needs; 422 with the CRM's reason for what the
///    test finds wrong; 503 where the CRM does not answer.
/// 3. Writes down whose key it is, and switches it on; first of all, so that nothing is made at the CRM
///    for a business that may not have it: 409 as in 1.
/// 4. Has the CRM call us, and seals the secret that it signs by.
/// 5. Notes the webhook, and wakes `sync-crm`.
pub(super) async fn setup_enable(
    cx: &Context<'_>,
    connector: &dyn Setup,
) -> Result<(Integration, Tested, Enabled), Error> {
    // 1.
    let integration = integration_or_unset(cx, connector).await?;
    let draft = Draft::stored(cx, &integration)?;
    key_check(cx, connector, &draft.secrets).await?;

    // 2.
    let client = CrmClient::new(cx, connector, &integration);
    let tested = connector.test(&client, &draft).await?;
    if let Some(problem) = &tested.problem {
        return Err(refused(connector.name(), problem));
    }

    // 3.
    let user = tested.remote_user.as_str();
    let org = Some(tested.remote_org.as_str());
    rewrite(cx, connector, org, |draft| draft).await?;
    integration_enable(cx, connector, user, None).await?;

    // 4.
    let org = org.filter(|org| !org.is_empty());
    let url = webhook_url(cx, connector, org)?;
    let enabled = connector.enable(&client, &draft, &url).await?;
    if let Some(secret) = &enabled.webhook_secret {
        let field = connector.settings().secret(Role::Webhook);
        rewrite(cx, connector, org, |mut draft| {
            if let Some((_, of_webhook)) = field {
                draft.secrets.insert(of_webhook.stored, secret.clone());
            }
            draft
        })
        .await?;
    }

    // 5.
    if enabled.webhook_id.is_some() {
        cache_put(cx, connector.name(), "webhook", &quoted("active"), DAY).await?;
    }
    let webhook_id = enabled.webhook_id.as_deref();
    let after = integration_enable(cx, connector, user, webhook_id).await?;
    let after = after.ok_or_else(|| Error::internal("an integration is gone"))?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok((after, tested, enabled))
}

/// Why it was not switched on.
fn refused(connector: &'static str, problem: &Problem) -> Error {
    let (kind, path) = match problem.field {
        Some(field) => (Kind::ProviderRejected, field),
        None => (Kind::Unavailable, connector),
    };
    Error::new(kind, problem.message.clone()).with_detail(path, problem.code.clone())
}
