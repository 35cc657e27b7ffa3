//! Having Krayin call us: a webhook for each kind of record, and a workflow for each that calls it.

use super::probe::Probe;
use crate::api::{Named, Refusal, all, one};
use crate::settings::{WEBHOOK_SECRET, api_of};
use common::http::Error;
use common::json::raw::{Object, part};
use common::json::tolerant::{objects, text};
use crm::table::Draft;
use crm::{CrmClient, Enabled, Failure};
use serde::Serialize;

/// What tells us what: our name of it there, the kind of record, the event.
const CALLS: [(&str, &str, &str); 3] = [
    ("Tieline persons", "persons", "contacts.person.update.after"),
    ("Tieline leads", "leads", "lead.update.after"),
    ("Tieline activities", "activities", "activity.create.after"),
];
/// Longest URL that Krayin takes.
const MAX_URL: usize = 255;

/// The webhooks at Krayin.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookMade {
    /// Whether they were made by this call.
    pub created: bool,
    /// Why they were not: `by_hand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Their URL, which has the secret in it.
    pub url: String,
}

/// Makes the webhooks that call `url`, behind which their secret stands, and the workflows that call
/// them. The result says why, if there are none.
pub(super) async fn webhooks_make(
    client: &CrmClient<'_>,
    draft: &Draft,
    url: &str,
) -> Result<Enabled, Error> {
    let probe = Probe::of(client, draft)?;
    let known = draft.secrets.get(WEBHOOK_SECRET).cloned();
    let secret = known.unwrap_or_else(|| {
        let mut bytes = [0; 32];
        (client.cx.entropy)(&mut bytes);
        hex::encode(bytes)
    });
    let url = [url, "/", &secret].concat();
    let made = match url.len() > MAX_URL {
        true => Err(Refusal::Failed(Failure::Invalid {
            code: "url_too_long".to_owned(),
            message: "The URL is longer than Krayin takes.".to_owned(),
        })),
        false => probe.calls_make(&url).await,
    };
    let (webhook_id, webhook) = match made {
        Ok(ids) => {
            // Those of an earlier secret, or of a URL that we had before.
            webhooks_delete(client, &ids).await?;
            (Some(ids), made_there(url))
        }
        Err(Refusal::Failed(Failure::Away(error))) => return Err(error),
        Err(refusal) => (None, by_hand(&Failure::from(refusal), url)),
    };
    Ok(Enabled {
        webhook_id,
        webhook_secret: Some(secret),
        json: serde_json::to_string(&webhook).map_err(Error::internal)?,
    })
}

impl Probe<'_> {
    /// Webhooks and workflows, those that are there and call `url` used again; their ids as one text.
    async fn calls_make(&self, url: &str) -> Result<String, Refusal> {
        let hooks = self.ask(self.api.automations("webhooks")).await?;
        let flows = self.ask(self.api.automations("workflows")).await?;
        let (mut hook_ids, mut flow_ids) = (Vec::new(), Vec::new());
        for (name, entity, event) in CALLS {
            let calls_us = |one: &Object<'_>| text(one, "end_point").as_deref() == Some(url);
            let hook = match known(&hooks, name, calls_us) {
                Some(id) => id,
                None => {
                    self.made(self.api.webhook_create(name, entity, url))
                        .await?
                }
            };
            let flow = match known(&flows, name, |one| triggers(one, &hook)) {
                Some(id) => id,
                None => {
                    let create = self.api.workflow_create(name, entity, event, &hook);
                    self.made(create).await?
                }
            };
            hook_ids.push(hook);
            flow_ids.push(flow);
        }
        // What answers well and keeps nothing is known.
        let kept = self.ask(self.api.automations("workflows")).await?;
        let kept: Vec<Named> = all(&kept).unwrap_or_default();
        let is_kept = |id: &String| kept.iter().any(|one| one.id == *id);
        if !flow_ids.iter().all(is_kept) {
            return Err(not_kept());
        }
        Ok([hook_ids.join(","), flow_ids.join(",")].join(";"))
    }

    async fn made(&self, request: common::ports::OutboundRequest) -> Result<String, Refusal> {
        let body = self.ask(request).await?;
        one::<Named>(&body).map(|made| made.id).ok_or_else(not_kept)
    }
}

/// The id of what is there by a name of ours.
fn known(body: &str, name: &str, is_ours: impl Fn(&Object<'_>) -> bool) -> Option<String> {
    let known = objects(&part(body), "data");
    let is_named = |one: &&Object<'_>| text(one, "name").as_deref() == Some(name);
    let mut ours = known.iter().filter(is_named).filter(|one| is_ours(one));
    text(ours.next()?, "id")
}

/// Whether a workflow calls a webhook.
fn triggers(flow: &Object<'_>, hook: &str) -> bool {
    let actions = objects(flow, "actions");
    let mut called = actions.iter().map(|action| text(action, "value"));
    called.any(|called| called.as_deref() == Some(hook))
}

fn not_kept() -> Refusal {
    let message = "Krayin did not keep what was made.".to_owned();
    Refusal::Failed(Failure::Unclear { message })
}

/// Takes away what was made; what cannot be is left to people.
pub(super) async fn webhooks_remove(client: &CrmClient<'_>) -> Result<(), Error> {
    webhooks_delete(client, ";").await
}

/// Takes away what was made before, but for what is made now.
async fn webhooks_delete(client: &CrmClient<'_>, now: &str) -> Result<(), Error> {
    let Some(ids) = &client.integration.webhook_id else {
        return Ok(());
    };
    let api = api_of(client.cx, client.integration)?;
    let (hooks, flows) = ids.split_once(';').unwrap_or((ids, ""));
    let (own_hooks, own_flows) = now.split_once(';').unwrap_or((now, ""));
    // Workflows first, since they name the webhooks.
    for (what, ids, own) in [
        ("workflows", flows, own_flows),
        ("webhooks", hooks, own_hooks),
    ] {
        let is_old = |id: &&str| !id.is_empty() && !own.split(',').any(|own| own == *id);
        for id in ids.split(',').filter(is_old) {
            let request = api.automation_delete(what, id);
            let asked = client
                .ask(["delete ", what].concat().as_str(), request)
                .await;
            if let Err(Failure::Away(error)) = asked {
                return Err(error);
            }
        }
    }
    Ok(())
}

fn made_there(url: String) -> WebhookMade {
    WebhookMade {
        created: true,
        reason: None,
        message: None,
        url,
    }
}

fn by_hand(failure: &Failure, url: String) -> WebhookMade {
    let events = CALLS.map(|(_, _, event)| event).join(", ");
    let message = format!(
        "Krayin's API did not let the webhooks be made ({}). Make a webhook with the method POST to {url} \
         (Settings › Automation › Webhooks) and a workflow for each of {events} that triggers it \
         (Settings › Automation › Workflows). Until then changes arrive by reading, every five minutes.",
        failure.message()
    );
    WebhookMade {
        created: false,
        reason: Some("by_hand".to_owned()),
        message: Some(message),
        url,
    }
}
