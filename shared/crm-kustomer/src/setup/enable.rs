//! Switching a connection on, and off.

use super::ask;
use super::probe::{Probe, Problem};
use crate::api::{Resource, found, gone, resource, resources};
use crate::settings::WEBHOOK_TOKEN;
use common::http::Error;
use common::time::Timestamp;
use crm::table::Draft;
use crm::{CrmClient, Enabled, Failure};
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
const MAX_WEBHOOKS: usize = 5;

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

/// Creates a webhook that calls `url`. The result says why, if there is none.
pub(super) async fn webhook_make(
    client: &CrmClient<'_>,
    draft: &Draft,
    url: &str,
) -> Result<Enabled, Error> {
    let probe = Probe::of(client, draft)?;
    let has_token = draft.secrets.get(WEBHOOK_TOKEN).is_some();
    let url = url.to_owned();
    let (hook, webhook) = match probe.hook(client, has_token, &url).await {
        Ok(Some(hook)) => {
            let made = made(&hook, url);
            (Some(hook), made)
        }
        Ok(None) => (None, by_hand(url)),
        Err(failure) => (None, not_made(probe.problem(failure)?, url)),
    };
    let json = serde_json::to_string(&webhook).map_err(Error::internal)?;
    let (webhook_id, webhook_secret) = hook.map(|hook| (hook.id, hook.token)).unzip();
    Ok(Enabled {
        webhook_id,
        webhook_secret,
        json,
    })
}

impl Probe {
    /// The webhook that calls us, created if none works; `None` if we have the token of one and may not
    /// read it.
    async fn hook(
        &self,
        client: &CrmClient<'_>,
        has_token: bool,
        url: &str,
    ) -> Result<Option<Hook>, Failure> {
        if let Some(id) = &client.integration.webhook_id {
            let answered = ask(client, self.api.webhook(id)).await?;
            let existing = match found(&answered, now(client)) {
                Err(Failure::Forbidden { .. }) if has_token => return Ok(None),
                other => other?,
            };
            if let Some(hook) = existing.and_then(|existing| usable(existing, url)) {
                return Ok(Some(hook));
            }
        }
        let answered = ask(client, self.api.webhooks()).await?;
        let listed = match resources(&answered, now(client)) {
            Ok(page) => page.items,
            Err(Failure::Forbidden { .. }) if has_token => return Ok(None),
            // Who may not look may still be allowed to make one.
            Err(Failure::Forbidden { .. }) => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let count = listed.len();
        let (local, others): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .partition(|hook| hook.text("url").as_deref() == Some(url));
        for hook in local {
            let answered = ask(client, self.api.webhook(&hook.id)).await?;
            let whole = found(&answered, now(client))?;
            if let Some(hook) = whole.and_then(|whole| usable(whole, url)) {
                return Ok(Some(hook));
            }
            // A webhook that Kustomer disabled can be enabled only in Kustomer.
            let answered = ask(client, self.api.webhook_delete(&hook.id)).await?;
            gone(&answered, now(client))?;
        }
        if others.len() >= MAX_WEBHOOKS {
            return Err(Failure::Invalid {
                code: "webhook_limit".to_owned(),
                message: format!("The organisation has {count} webhooks, and can have no more."),
            });
        }
        let create = self.api.webhook_create(WEBHOOK_NAME, url, &EVENTS, &[]);
        let answered = ask(client, create).await?;
        let made = resource(&answered, now(client))?;
        let token = match made.text("token") {
            Some(token) => token,
            None => {
                let answered = ask(client, self.api.webhook(&made.id)).await?;
                let whole = resource(&answered, now(client))?;
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

fn now(client: &CrmClient<'_>) -> Timestamp {
    Timestamp::from_micros(client.now())
}

/// A webhook that calls us, is enabled, and shows its token.
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
