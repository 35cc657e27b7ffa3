//! What a business can set for Kustomer, and what holds (docs/kustomer.md §2).

use super::api::mapping::Mapping;
use super::api::{self, Api, base_of};
use common::context::Context;
use common::http::{Error, Kind as ErrorKind};
use common::json::Fields;
use common::json::raw::{items, part, text};
use common::json::writer::quoted;
use common::ports::Ports;
use crm::Integration;
use crm::local::{Rollout, TeamRouting, rollout, routing};
use crm::table::rules::wrong;
use crm::table::{Custom, Draft, Field, Forwarded, Kind, Role, Secret, Table};

/// The priorities of a conversation.
const PRIORITIES: &[&str] = &["low", "medium", "high", "urgent"];
/// The name under which the webhook's token is sealed.
pub(super) const WEBHOOK_TOKEN: &str = "webhook_token";
/// The name under which the key is sealed.
const API_KEY: &str = "api_key";

/// What a business can set.
pub static TABLE: Table = Table {
    fields: &[
        Field::new(
            "organization_id",
            Kind::Id,
            "The organisation's id (Settings › Organization), which the key must be of.",
        )
        .variable("KUSTOMER_ORGANIZATION_ID")
        .in_test(),
        Field::new(
            "subdomain",
            Kind::Custom(Custom {
                check: subdomain,
                json_type: "string",
                schema: "",
                input: "text",
            }),
            "What stands before `.kustomerapp.com`; a host or a URL is cut down to it.",
        )
        .variable("KUSTOMER_SUBDOMAIN")
        .in_test(),
        Field::new(
            "default_team_id",
            Kind::Id,
            "The team of conversations that no rule sends elsewhere.",
        )
        .variable("KUSTOMER_DEFAULT_TEAM_ID"),
        Field::new(
            "default_priority",
            Kind::Choice(PRIORITIES),
            "The priority of conversations made there.",
        )
        .or("\"medium\"")
        .variable("KUSTOMER_DEFAULT_PRIORITY"),
        Field::new(
            "features.ticket_creation",
            Kind::Switch,
            "Conversations are made there for escalations.",
        )
        .or("true"),
        Field::new(
            "features.customer_lookup",
            Kind::Switch,
            "Customers are looked for by id, email and phone before they are made.",
        )
        .or("true"),
        Field::new(
            "features.conversation_sync",
            Kind::Switch,
            "Every conversation is kept there, not only escalated ones.",
        )
        .or("true")
        .variable("KUSTOMER_ENABLE_SYNC"),
        Field::new(
            "features.auto_assignment",
            Kind::Switch,
            "Conversations go to the first rule of `team_routing` that fits, else to `default_team_id`.",
        )
        .or("false"),
        routing::RULES,
        Field::new(
            "reply_channels",
            Kind::Custom(Custom {
                check: reply_channels,
                json_type: "array",
                schema: r#""maxItems":2,"items":{"type":"string","enum":["chat","note"]}"#,
                input: "list",
            }),
            "Kustomer's own channels in which agents answer, beside the customer's: `chat`, `note`.",
        )
        .or(r#"["chat"]"#),
        Field::new(
            "field_mapping",
            Kind::Custom(Custom {
                check: mapping,
                json_type: "object",
                schema: r#""additionalProperties":{"type":"string"}"#,
                input: "map",
            }),
            "Our field (`customerName`, `customerEmail`, `customerPhone`, `tags`, `externalId`, \
             `custom_fields.…`) and the path of Kustomer's, such as `attributes.emails[0].email`; set \
             as a whole.",
        )
        .or(USUAL_MAPPING)
        .of_customers(&[
            ("customerName", &["name"]),
            ("customerEmail", &["email"]),
            ("customerPhone", &["phone", "whatsapp_number"]),
            ("tags", &["tags"]),
            ("externalId", &["external_id"]),
            ("custom_fields.*", &["custom_fields.*"]),
        ]),
        rollout::PERCENT,
        rollout::TAG,
        Field::new(
            "escalation",
            Kind::Forwarded(Forwarded {
                request: ESCALATION_REQUEST,
                shown: ESCALATION_SHOWN,
            }),
            "When conversations are handed to people: the business's hand-off settings, by their \
             earlier names.",
        ),
        Field::new(
            "debug",
            Kind::Switch,
            "Each request is logged, without keys and without what names a person.",
        )
        .or("false")
        .variable("KUSTOMER_DEBUG"),
        Field::new(
            "credentials.api_key",
            Kind::Secret(Secret {
                stored: API_KEY,
                role: Role::Key,
            }),
            "The key of a machine user (Settings › Security › API Keys).",
        )
        .variable("KUSTOMER_API_KEY")
        .in_test(),
        Field::new(
            "credentials.webhook_secret",
            Kind::Secret(Secret {
                stored: WEBHOOK_TOKEN,
                role: Role::Webhook,
            }),
            "The token of a webhook that was made by hand.",
        ),
    ],
    groups: &[
        ("features", "What is switched on."),
        ("rollout", "For which customers it is."),
        ("credentials", "Secrets, which are never shown again."),
    ],
    deployment_business: Some("KUSTOMER_BUSINESS_ID"),
    variable_prefix: Some("VITE_"),
};

/// [`api::mapping::USUAL`] as JSON.
const USUAL_MAPPING: &str = r#"{"customerName":"attributes.name","customerEmail":"attributes.emails[0].email","customerPhone":"attributes.phones[0].phone","tags":"attributes.tags"}"#;
const ESCALATION_REQUEST: &str = r#""additionalProperties":false,"properties":{"phrases_on":{"type":["boolean","null"],"description":"Whether to look for phrases in what customers write."},"phrases":{"type":["object","null"],"description":"All phrases, by language; those of a language replace ours.","additionalProperties":{"type":"array","items":{"type":"string"}}},"message":{"type":["string","null"],"description":"What the customer is told, up to 1000 characters.","minLength":1,"maxLength":1000}}"#;
const ESCALATION_SHOWN: &str = r#""required":["phrases_on","phrases","message"],"properties":{"phrases_on":{"type":"boolean","description":"Whether it is looked for phrases in what customers write."},"phrases":{"type":"object","description":"By language; those of a language replace ours.","additionalProperties":{"type":"array","items":{"type":"string"}}},"message":{"type":["string","null"],"description":"What the customer is told."}}"#;

/// What holds for a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The organisation's id.
    pub organization_id: Option<String>,
    /// What stands before `.kustomerapp.com`.
    pub subdomain: Option<String>,
    /// `low`, `medium`, `high`, `urgent`.
    pub default_priority: String,
    /// Whether conversations are made there for escalations.
    pub ticket_creation: bool,
    /// Whether customers are looked for before they are made.
    pub customer_lookup: bool,
    /// Whether every conversation is kept there, not only escalated ones.
    pub conversation_sync: bool,
    /// Whether conversations are assigned to teams.
    pub auto_assignment: bool,
    /// To which.
    pub routing: TeamRouting,
    /// Kustomer's own channels in which agents answer, beside the customer's.
    pub reply_channels: Vec<String>,
    /// The customers it is for.
    pub rollout: Rollout,
    /// Our field → the path of theirs.
    pub field_mapping: Mapping,
    /// Whether each request is logged.
    pub debug: bool,
}

impl Settings {
    /// What holds for a business: `settings` is what it set, as JSON.
    #[must_use]
    pub fn of(ports: &Ports<'_>, settings: &str) -> Self {
        let values = TABLE.values(ports, settings);
        Self {
            organization_id: values.text("organization_id"),
            subdomain: values.text("subdomain"),
            default_priority: values.text("default_priority").unwrap_or_default(),
            ticket_creation: values.is_on("features.ticket_creation"),
            customer_lookup: values.is_on("features.customer_lookup"),
            conversation_sync: values.is_on("features.conversation_sync"),
            auto_assignment: values.is_on("features.auto_assignment"),
            routing: TeamRouting::of(&values, values.text("default_team_id")),
            reply_channels: items(&values.json("reply_channels").0)
                .into_iter()
                .filter_map(text)
                .collect(),
            rollout: Rollout::of(&values),
            field_mapping: mapping_of(&values.json("field_mapping").0),
            debug: values.is_on("debug"),
        }
    }

    /// The team that a conversation goes to.
    #[must_use]
    pub fn team_of(&self, channel: &str, tags: &[String]) -> Option<&str> {
        match self.auto_assignment {
            true => self.routing.team_of(channel, tags),
            false => None,
        }
    }
}

/// What the spec maps, where what a business set is none.
fn mapping_of(set: &str) -> Mapping {
    let set = part(set);
    let path = |(name, path): (&str, &&str)| Some((name.to_owned(), text(path)?));
    let set: Vec<_> = set.iter().filter_map(path).collect();
    let pairs = set
        .iter()
        .map(|(name, path)| (name.as_str(), path.as_str()));
    Mapping::parse(pairs).unwrap_or_else(|_| Mapping::usual())
}

/// The part that tells the organisation, of a host or a URL, too.
fn subdomain(path: &str, value: &str) -> Result<String, Error> {
    let subdomain = text(value).and_then(|text| api::subdomain(&text));
    let sentence = "must be what stands before .kustomerapp.com";
    subdomain
        .map(|subdomain| quoted(&subdomain))
        .ok_or_else(|| wrong(path, "subdomain", sentence))
}

fn reply_channels(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('[') {
        return Err(wrong(path, "array", "must be a list"));
    }
    let mut channels = Vec::new();
    for (n, channel) in items(value).into_iter().enumerate() {
        let known = text(channel).filter(|channel| matches!(channel.as_str(), "chat" | "note"));
        let channel = known.ok_or_else(|| {
            let at = format!("{path}[{n}]");
            wrong(&at, "choice", "must be `chat` or `note`")
        })?;
        let channel = quoted(&channel);
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    Ok(["[", &channels.join(","), "]"].concat())
}

fn mapping(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let mut pairs = Vec::new();
    for (field, value) in part(value).iter() {
        let at = [path, ".", field].concat();
        let mapped = text(value).ok_or_else(|| wrong(&at, "path", "must be a path"))?;
        pairs.push((field.to_owned(), mapped));
    }
    let checked = pairs
        .iter()
        .map(|(field, to)| (field.as_str(), to.as_str()));
    if let Err(refused) = Mapping::parse(checked) {
        let shown: String = refused.field.chars().take(64).collect();
        let at = [path, ".", &shown].concat();
        return Err(Error::invalid(at, refused.rule, refused.message));
    }
    let pairs = pairs.iter();
    let pairs: Vec<_> = pairs
        .map(|(field, to)| [&quoted(field), ":", &quoted(to)].concat())
        .collect();
    Ok(["{", &pairs.join(","), "}"].concat())
}

/// The key that speaks for a business at Kustomer: its own, else the deployment's.
///
/// # Errors
/// 409 where there is none.
pub(super) fn api_key(cx: &Context<'_>, secrets: &Fields<String>) -> Result<String, Error> {
    let own = secrets.get(API_KEY).cloned();
    let key = own.or_else(|| TABLE.deployment_key(cx));
    key.filter(|key| !key.is_empty())
        .ok_or_else(|| not_connected("api_key", "There is no API key for Kustomer."))
}

/// The way to a business's Kustomer.
///
/// # Errors
/// 409 where key or subdomain are not set; 500 where the key cannot be opened.
pub fn api_of(cx: &Context<'_>, integration: &Integration) -> Result<Api, Error> {
    api_by(cx, &Draft::stored(cx, integration)?)
}

/// As [`api_of`], by settings that are not stored.
pub(super) fn api_by(cx: &Context<'_>, draft: &Draft) -> Result<Api, Error> {
    let settings = Settings::of(&cx.ports, &draft.settings);
    let key = api_key(cx, &draft.secrets)?;
    let subdomain = settings.subdomain.unwrap_or_default();
    let base = base_of(&cx.ports, &subdomain);
    let base =
        base.ok_or_else(|| not_connected("subdomain", "There is no subdomain for Kustomer."))?;
    Ok(Api::new(base, &key))
}

fn not_connected(field: &'static str, message: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, message).with_detail(field, "set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_the_mapping_is_what_the_spec_maps() {
        let default = part(USUAL_MAPPING);
        let default: Vec<_> = default
            .iter()
            .map(|(field, path)| (field.to_owned(), text(path).unwrap()))
            .collect();
        let usual = api::mapping::USUAL.map(|(field, path)| (field.to_owned(), path.to_owned()));
        assert_eq!(default, usual);
    }
}
