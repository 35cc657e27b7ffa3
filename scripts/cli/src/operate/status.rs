//! `tieline status`: how everything of a business fares, and what of it needs attention.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{cell, figures, read, text, webhooks};
use crate::args::StatusArgs;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, table};
use crate::world::World;

/// A source of conversations, which is connected as channel accounts and has a status as integrations have.
const SOURCE: &str = "chatwoot";

/// All that was found.
struct Found {
    integrations: Vec<Value>,
    channels: Vec<Value>,
    webhooks: Vec<Value>,
    links: Value,
    /// The server's own figures; null where it has none.
    figures: Value,
}

pub(crate) fn run(
    options: &StatusArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let found = Found::read(&session)?;
    let attention = found.attention();
    let exit = match attention.is_empty() {
        true => Exit::Done,
        false => Exit::Refused,
    };
    if options.json {
        world.say(&found.into_json(&attention).to_string());
        return Ok(exit);
    }
    if !options.quiet {
        found.say(world);
    }
    for sentence in &attention {
        world.say(&format!("! {sentence}"));
    }
    if attention.is_empty() && !options.quiet {
        world.say("Nothing needs attention.");
    }
    Ok(exit)
}

impl Found {
    fn read(session: &Session) -> Result<Self, Failure> {
        let channels = list(session, &["channels"], "channels")?;
        let mut integrations = list(session, &["integrations"], "integrations")?;
        if channels
            .iter()
            .any(|channel| text(channel, "kind") == Some(SOURCE))
        {
            integrations.push(json!({"connector": SOURCE, "status": "active"}));
        }
        for integration in &mut integrations {
            let name = text(integration, "connector")
                .unwrap_or_default()
                .to_owned();
            if text(integration, "status") != Some("active") {
                continue;
            }
            let path = ["integrations", &name, "status"];
            let fares: Value = read(session.send(Method::GET, &path, None))?;
            if let (Some(integration), Value::Object(fares)) = (integration.as_object_mut(), fares)
            {
                integration.extend(fares);
            }
        }
        Ok(Self {
            integrations,
            channels,
            webhooks: webhooks::all_json(session)?,
            links: read(session.send(Method::GET, &["crm-links", "health"], None))?,
            figures: figures_of(session)?,
        })
    }

    /// What needs somebody, in sentences.
    fn attention(&self) -> Vec<String> {
        let mut all = Vec::new();
        for one in &self.integrations {
            let name = cell(one, "connector");
            let state = text(one, "status").unwrap_or_default();
            if matches!(state, "down" | "degraded") {
                all.push(format!("{name} is {state}: {}", reasons_of(one)));
            }
        }
        for channel in &self.channels {
            if let Some(reason) = text(channel, "status_reason") {
                let (kind, name) = (cell(channel, "kind"), cell(channel, "name"));
                all.push(format!(
                    "the channel {name} ({kind}): {}",
                    clean(reason, 200)
                ));
            }
        }
        for webhook in &self.webhooks {
            let name = cell(webhook, "name");
            match (
                text(webhook, "disabled_reason"),
                text(webhook, "failing_since"),
            ) {
                (Some("by_request"), _) | (None, None) => {}
                (Some(reason), _) => all.push(format!(
                    "the webhook {name} is disabled: {}",
                    clean(reason, 40)
                )),
                (None, Some(since)) => all.push(format!(
                    "the webhook {name} fails since {}",
                    clean(since, 40)
                )),
            }
        }
        for link in self.links_in_trouble() {
            let (name, why) = (cell(link, "name"), cell(link, "error"));
            all.push(format!(
                "the CRM link {name} is {}: {why}",
                cell(link, "state")
            ));
        }
        if let Some(error) = self.links.get("embedding").and_then(|of| text(of, "error")) {
            all.push(format!("CRM links are not embedded: {}", clean(error, 200)));
        }
        all.extend(figures::attention(&self.figures, &all));
        all
    }

    fn links_in_trouble(&self) -> impl Iterator<Item = &Value> {
        let links = self.links.get("links").and_then(Value::as_array);
        let failing = |link: &&Value| {
            link.get("failing_since")
                .is_some_and(|since| !since.is_null())
        };
        let in_doubt =
            |link: &&Value| text(link, "state").is_some_and(|state| state.contains("suspect"));
        let links = links.into_iter().flatten();
        links.filter(move |link| failing(link) || in_doubt(link))
    }

    fn into_json(self, attention: &[String]) -> Value {
        json!({ "attention": attention, "integrations": self.integrations, "channels": self.channels,
            "webhooks": self.webhooks, "crm_links": self.links, "status": self.figures })
    }

    fn say(&self, world: &mut World<'_>) {
        let mut rows = vec![["WHAT", "NAME", "STATUS", ""].map(str::to_owned).to_vec()];
        let mut row = |what: &str, name: String, status: String, more: String| {
            rows.push(vec![what.to_owned(), name, status, more]);
        };
        for one in &self.integrations {
            let more = one.get("queue").map_or_else(String::new, |queue| {
                format!(
                    "{} waiting, {} failed",
                    cell(queue, "waiting"),
                    cell(queue, "failed")
                )
            });
            row(
                "integration",
                cell(one, "connector"),
                cell(one, "status"),
                more,
            );
        }
        for one in &self.channels {
            row(
                "channel",
                cell(one, "name"),
                cell(one, "status"),
                cell(one, "kind"),
            );
        }
        for one in &self.webhooks {
            row(
                "webhook",
                cell(one, "name"),
                cell(one, "status"),
                cell(one, "url"),
            );
        }
        let links = self.links.get("links").and_then(Value::as_array);
        for one in links.into_iter().flatten() {
            let more = format!("next fetch {}", cell(one, "next_fetch_at"));
            row("CRM link", cell(one, "name"), cell(one, "state"), more);
        }
        world.say(&table(&rows));
        for table in figures::tables(&self.figures) {
            world.say(&table);
        }
    }
}

fn list(session: &Session, path: &[&str], name: &str) -> Result<Vec<Value>, Failure> {
    let mut answer: Value = read(session.send(Method::GET, path, None))?;
    match answer.get_mut(name).map(Value::take) {
        Some(Value::Array(records)) => Ok(records),
        _ => Ok(Vec::new()),
    }
}

/// A server from before it had any answers 404.
fn figures_of(session: &Session) -> Result<Value, Failure> {
    match session.send(Method::GET, &["status"], None) {
        Err(error) if error.status() == Some(404) => Ok(Value::Null),
        answer => answer
            .and_then(|answer| answer.json())
            .map_err(|error| refusal(&error)),
    }
}

fn reasons_of(integration: &Value) -> String {
    let reasons = integration.get("reasons").and_then(Value::as_array);
    let reasons = reasons.into_iter().flatten();
    let reasons: Vec<_> = reasons.map(|reason| cell(reason, "message")).collect();
    match reasons.is_empty() {
        true => "no reason is told".to_owned(),
        false => reasons.join(" "),
    }
}
