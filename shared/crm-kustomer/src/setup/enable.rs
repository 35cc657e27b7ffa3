//! Switching a connection on, and off.

use super::probe::{Line, Problem, TestRequest, Tested};
use super::view::{KustomerIntegration, OneIntegration, shown};
use super::{NAME, TRIES, ask, changes_all_the_time, own_secrets, stored, webhook_url};
use crate::api::{Resource, found, gone, resource, resources};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::written::quoted;
use common::outside::Queue;
use common::time::{DAY, Timestamp};
use crm::settings::{Wanted, integration_disable, integration_enable, integration_put};
use crm::{Desk, Failure, Integration, cache_put};
use serde::Serialize;

/// What our webhook there is called.
const WEBHOOK_NAME: &str = "Tieline";
/// What it tells.
const EVENTS: [&str; 6] = [
    "kustomer.customer.create",
    "kustomer.customer.update",
    "kustomer.conversation.create",
    "kustomer.conversation.update",
    "kustomer.message.create",
    "kustomer.message.update",
];
/// Webhooks that an organisation can have (kustomer.md §12).
const MOST_WEBHOOKS: usize = 5;

/// An enabled connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnableAnswer {
    /// The connection.
    pub integration: KustomerIntegration,
    /// The result of the test.
    pub test: Tested,
    /// The webhook.
    pub webhook: WebhookMade,
}

/// The webhook at Kustomer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookMade {
    /// Whether it was created by this call.
    pub created: bool,
    /// Why it was not created: `exists`, `by_hand` (the secret of a webhook that the key may not
    /// read is set), or a problem: `missing_role`, `webhook_limit`, …. Until you create it by hand,
    /// changes arrive by the search every five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Its URL.
    pub url: String,
}

/// A webhook of ours there.
struct Hook {
    id: String,
    token: String,
    is_new: bool,
}

/// Switches the connection on: tests it, takes note of whose key it is, and has Kustomer call us.
///
/// # Errors
/// 409 where there is no key or no subdomain, or where it uses the deployment's key, as another
/// business does already; 422 with Kustomer's reason for what the test finds wrong; 503 where Kustomer
/// does not answer.
pub async fn kustomer_enable(cx: &Context<'_>) -> Result<EnableAnswer, Error> {
    let integration = stored(cx).await?;
    let desk = Desk::new(cx, &integration);
    let line = Line::of(cx, &integration, TestRequest::default()).await?;
    let test = line.test(&desk).await?;
    let connection = match (&test.error, &test.connection) {
        (None, Some(connection)) => connection,
        (problem, _) => return Err(refused(problem.as_ref())),
    };
    let (org, user) = (&connection.organization_id, &connection.user.id);
    // First of all, so that nothing is made there for a business that may not have it.
    keep(cx, org, None).await?;
    integration_enable(cx, NAME, user, None).await?;
    let url = webhook_url(cx)?;
    let (hook, webhook) = match line.hook(&desk, &url).await {
        Ok(Some(hook)) => {
            let made = made(&hook, url);
            (Some(hook), made)
        }
        Ok(None) => (None, by_hand(url)),
        Err(failure) => (None, not_made(line.problem(failure)?, url)),
    };
    if let Some(hook) = &hook {
        keep(cx, org, Some(&hook.token)).await?;
        cache_put(cx, NAME, "webhook", &quoted("active"), DAY).await?;
    }
    let id = hook.as_ref().map(|hook| hook.id.as_str());
    let enabled = integration_enable(cx, NAME, user, id).await?;
    let enabled = enabled.ok_or_else(|| Error::internal("an integration is gone"))?;
    cx.wake(Queue::Crm, cx.business_id());
    Ok(EnableAnswer {
        integration: shown(cx, &enabled)?.integration,
        test,
        webhook,
    })
}

/// Switches the connection off, at once. What waits goes on waiting.
///
/// # Errors
/// 503 when the database is away.
pub async fn kustomer_disable(cx: &Context<'_>) -> Result<OneIntegration, Error> {
    let disabled = integration_disable(cx, NAME).await?;
    match disabled {
        Some(disabled) => shown(cx, &disabled),
        None => shown(cx, &stored(cx).await?),
    }
}

/// Writes down the organisation, and the webhook's token beside the key.
async fn keep(cx: &Context<'_>, org: &str, token: Option<&str>) -> Result<Integration, Error> {
    for _ in 0..TRIES {
        let before = stored(cx).await?;
        let mut credentials = own_secrets(cx, &before)?;
        if let Some(token) = token {
            credentials.insert("webhook_token", token.to_owned());
        }
        let wanted = Wanted {
            remote_org: org,
            settings: &before.settings,
            credentials: &credentials,
        };
        if let Some(after) = integration_put(cx, &before, &wanted).await? {
            return Ok(after);
        }
    }
    Err(changes_all_the_time())
}

impl Line {
    /// The webhook that calls us, made where there is none that works; `None` where we have the token
    /// of one and may not look at it.
    async fn hook(&self, desk: &Desk<'_>, url: &str) -> Result<Option<Hook>, Failure> {
        if let Some(id) = &desk.integration.webhook_id {
            let answered = ask(desk, self.api.webhook(id)).await?;
            let kept = match found(&answered, now(desk)) {
                Err(Failure::Forbidden { .. }) if has_token(desk) => return Ok(None),
                other => other?,
            };
            if let Some(hook) = kept.and_then(|kept| usable(kept, url)) {
                return Ok(Some(hook));
            }
        }
        let answered = ask(desk, self.api.webhooks()).await?;
        let listed = match resources(&answered, now(desk)) {
            Ok(page) => page.items,
            Err(Failure::Forbidden { .. }) if has_token(desk) => return Ok(None),
            // Who may not look may still be allowed to make one.
            Err(Failure::Forbidden { .. }) => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let count = listed.len();
        let (ours, others): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .partition(|hook| hook.text("url").as_deref() == Some(url));
        for hook in ours {
            let answered = ask(desk, self.api.webhook(&hook.id)).await?;
            let whole = found(&answered, now(desk))?;
            if let Some(hook) = whole.and_then(|whole| usable(whole, url)) {
                return Ok(Some(hook));
            }
            // One that Kustomer switched off is switched on by nobody but a person.
            let answered = ask(desk, self.api.webhook_delete(&hook.id)).await?;
            gone(&answered, now(desk))?;
        }
        if others.len() >= MOST_WEBHOOKS {
            return Err(Failure::Invalid {
                code: "webhook_limit".to_owned(),
                message: format!("The organisation has {count} webhooks, and can have no more."),
            });
        }
        let create = self.api.webhook_create(WEBHOOK_NAME, url, &EVENTS, &[]);
        let answered = ask(desk, create).await?;
        let made = resource(&answered, now(desk))?;
        let token = match made.text("token") {
            Some(token) => token,
            None => {
                let answered = ask(desk, self.api.webhook(&made.id)).await?;
                let whole = resource(&answered, now(desk))?;
                whole.text("token").ok_or_else(no_token)?
            }
        };
        Ok(Some(Hook {
            id: made.id,
            token,
            is_new: true,
        }))
    }
}

fn now(desk: &Desk<'_>) -> Timestamp {
    Timestamp::from_micros(desk.now())
}

/// A webhook that leads to us, is switched on, and tells its token.
fn usable(hook: Resource, url: &str) -> Option<Hook> {
    let is_off = hook.at("enabled") == Some("false") || hook.is_true("disabled");
    let leads_here = hook.text("url").as_deref() == Some(url);
    let token = hook.text("token").filter(|_| leads_here && !is_off)?;
    Some(Hook {
        id: hook.id,
        token,
        is_new: false,
    })
}

fn has_token(desk: &Desk<'_>) -> bool {
    let own = own_secrets(desk.cx, desk.integration);
    own.is_ok_and(|own| own.get("webhook_token").is_some())
}

fn no_token() -> Failure {
    Failure::Unclear {
        message: "The CRM did not tell the webhook's token.".to_owned(),
    }
}

fn made(hook: &Hook, url: String) -> WebhookMade {
    WebhookMade {
        created: hook.is_new,
        reason: (!hook.is_new).then(|| "exists".to_owned()),
        message: None,
        url,
    }
}

fn by_hand(url: String) -> WebhookMade {
    let message = "The webhook whose secret is set stays in use; the key may not look after it.";
    WebhookMade {
        created: false,
        reason: Some("by_hand".to_owned()),
        message: Some(message.to_owned()),
        url,
    }
}

fn not_made(problem: Problem, url: String) -> WebhookMade {
    let events = EVENTS.join(", ");
    let message = format!(
        "{} Make a webhook in Kustomer (Settings › Platform › Webhooks) to {url} for {events}, and \
         set its secret as credentials.webhook_secret.",
        problem.message
    );
    WebhookMade {
        created: false,
        reason: Some(problem.code),
        message: Some(message),
        url,
    }
}

/// Why it was not switched on.
fn refused(problem: Option<&Problem>) -> Error {
    let Some(problem) = problem else {
        return Error::internal("a test without result");
    };
    let (kind, path) = match problem.code.as_str() {
        "bad_key" | "missing_role" => (Kind::ProviderRejected, "credentials.api_key"),
        "wrong_organization" => (Kind::ProviderRejected, "organization_id"),
        "unreached" | "wrong_region" | "not_found" => (Kind::ProviderRejected, "subdomain"),
        _ => (Kind::Unavailable, "kustomer"),
    };
    Error::new(kind, problem.message.clone()).with_detail(path, problem.code.clone())
}
