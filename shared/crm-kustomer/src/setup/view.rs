//! What is in force for a business, and where it comes from. Never a secret.

use super::{own_secrets, stored, webhook_url};
use crate::api::mapping::USUAL;
use crate::settings::{Settings, TeamRule, deployment_key};
use common::context::Context;
use common::http::Error;
use common::http::input::texts;
use common::json::Fields;
use common::json::lenient::{Object, child, text};
use common::json::raw;
use common::json::raw::part;
use common::time::Timestamp;
use crm::Integration;
use serde::Serialize;

/// Shorter keys show nothing of themselves.
const MIN_KEY_SHOWN: usize = 16;

/// The source of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Source {
    /// The business.
    Business,
    /// A variable of the deployment.
    Deployment,
    /// Nobody.
    Default,
}

/// A connection to Kustomer with its effective settings.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KustomerIntegration {
    /// `kustomer`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["kustomer"])))]
    pub connector: String,
    /// `active` or `disabled`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["active", "disabled"])))]
    pub status: &'static str,
    /// The id of the organisation, to which the key must belong.
    pub organization_id: Option<String>,
    /// The part before `.kustomerapp.com`.
    pub subdomain: Option<String>,
    /// The team of conversations that no rule matches.
    pub default_team_id: Option<String>,
    /// The priority of conversations created in Kustomer.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["low", "medium", "high", "urgent"])))]
    pub default_priority: String,
    /// The enabled features.
    pub features: Features,
    /// The routing rules; the first match applies.
    pub team_routing: Vec<TeamRoute>,
    /// Our fields, with the paths of Kustomer's.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeMap<String, String>")
    )]
    pub field_mapping: Fields<String>,
    /// The rollout.
    pub rollout: RolloutSettings,
    /// The settings of escalation.
    pub escalation: EscalationSettings,
    /// Whether each request is logged, without personal data.
    pub debug: bool,
    /// The source of each setting that has a default.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeMap<String, Source>")
    )]
    pub source: Fields<Source>,
    /// The stored secrets.
    pub credentials: CredentialsShown,
    /// The organisation as Kustomer named it when the connection was last enabled.
    pub remote_organization_id: Option<String>,
    /// The identity of the key.
    pub remote_user_id: Option<String>,
    /// The URL for Kustomer's webhook.
    pub webhook_url: String,
    /// When its settings or status changed; null if nothing was ever set.
    pub updated_at: Option<Timestamp>,
}

/// The enabled features.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Features {
    /// Escalations create conversations in Kustomer.
    pub ticket_creation: bool,
    /// Customers are looked up before they are created.
    pub customer_lookup: bool,
    /// Every conversation is synchronised, not only escalated ones.
    pub conversation_sync: bool,
    /// Conversations are assigned to teams.
    pub auto_assignment: bool,
}

/// A routing rule.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TeamRoute {
    /// Conversations of this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Conversations with this tag, or of a customer with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The team's id.
    pub team_id: String,
}

/// The rollout.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RolloutSettings {
    /// This percentage of customers, always the same ones.
    #[cfg_attr(feature = "schema", schemars(range(max = 100)))]
    pub percent: u8,
    /// Customers with this tag; if it is set and `percent` is 100, only those.
    pub tag: Option<String>,
}

/// The settings of escalation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EscalationSettings {
    /// Whether handoff triggers are on.
    pub phrases_on: bool,
    /// Handoff triggers by language; a language's list replaces ours.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeMap<String, Vec<String>>")
    )]
    pub phrases: Fields<Vec<String>>,
    /// The notification to the customer.
    pub message: Option<String>,
}

/// The stored secrets.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CredentialsShown {
    /// The key of the machine user.
    pub api_key: KeyShown,
    /// The token that signs the webhook.
    pub webhook_secret: SecretShown,
}

/// The stored key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyShown {
    /// Whether it is set.
    pub set: bool,
    /// Whose it is.
    pub source: Source,
    /// The last characters of the key; null for the deployment's.
    pub last_chars: Option<String>,
}

/// The stored secret.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretShown {
    /// Whether it is set.
    pub set: bool,
}

/// A connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneIntegration {
    /// The connection.
    pub integration: KustomerIntegration,
}

/// What is in force for the caller's business.
///
/// # Errors
/// 503 when the database is away.
pub async fn kustomer_get(cx: &Context<'_>) -> Result<OneIntegration, Error> {
    shown(cx, &stored(cx).await?)
}

/// A connection as it is shown.
pub(super) fn shown(cx: &Context<'_>, integration: &Integration) -> Result<OneIntegration, Error> {
    let own = own_secrets(cx, integration)?;
    let in_force = Settings::of(&cx.outside, &integration.settings);
    let set = part(&integration.settings);
    let is_stored = integration.revision > 0;
    let integration = KustomerIntegration {
        connector: integration.connector.clone(),
        status: if integration.is_active {
            "active"
        } else {
            "disabled"
        },
        source: sources(cx, &set),
        organization_id: in_force.organization_id,
        subdomain: in_force.subdomain,
        default_team_id: in_force.default_team_id,
        default_priority: in_force.default_priority,
        features: Features {
            ticket_creation: in_force.ticket_creation,
            customer_lookup: in_force.customer_lookup,
            conversation_sync: in_force.conversation_sync,
            auto_assignment: in_force.auto_assignment,
        },
        team_routing: in_force.team_routing.into_iter().map(route).collect(),
        field_mapping: mapping(&child(&set, "field_mapping")),
        rollout: RolloutSettings {
            percent: in_force.rollout_percent,
            tag: in_force.rollout_tag,
        },
        escalation: escalation(&child(&set, "escalation")),
        debug: in_force.debug,
        credentials: CredentialsShown {
            api_key: key_shown(cx, own.get("api_key")),
            webhook_secret: SecretShown {
                set: own.get("webhook_token").is_some(),
            },
        },
        remote_organization_id: Some(integration.remote_org.clone()).filter(|org| !org.is_empty()),
        remote_user_id: integration.remote_user.clone(),
        webhook_url: webhook_url(cx)?,
        updated_at: is_stored.then(|| Timestamp::from_micros(integration.updated_at)),
    };
    Ok(OneIntegration { integration })
}

/// The source of each setting that has a default.
fn sources(cx: &Context<'_>, set: &Object<'_>) -> Fields<Source> {
    let source = |is_set: bool, variable: &str| match (cx.outside.variable)(variable) {
        _ if is_set => Source::Business,
        Some(value) if !value.is_empty() => Source::Deployment,
        _ => Source::Default,
    };
    let mut sources = Fields::new();
    for (field, variable) in [
        ("organization_id", "KUSTOMER_ORGANIZATION_ID"),
        ("subdomain", "KUSTOMER_SUBDOMAIN"),
        ("default_team_id", "KUSTOMER_DEFAULT_TEAM_ID"),
        ("default_priority", "KUSTOMER_DEFAULT_PRIORITY"),
        ("debug", "KUSTOMER_DEBUG"),
    ] {
        sources.insert(field, source(set.get(field).is_some(), variable));
    }
    let sync = child(set, "features").get("conversation_sync").is_some();
    let sync = source(sync, "KUSTOMER_ENABLE_SYNC");
    sources.insert("features.conversation_sync", sync);
    sources
}

fn key_shown(cx: &Context<'_>, own: Option<&String>) -> KeyShown {
    let Some(key) = own else {
        let set = deployment_key(cx).is_some();
        return KeyShown {
            set,
            source: if set {
                Source::Deployment
            } else {
                Source::Default
            },
            last_chars: None,
        };
    };
    let end = key.len().checked_sub(4).and_then(|from| key.get(from..));
    let end = end.filter(|_| key.len() >= MIN_KEY_SHOWN);
    KeyShown {
        set: true,
        source: Source::Business,
        last_chars: Some(["…", end.unwrap_or_default()].concat()),
    }
}

fn route(rule: TeamRule) -> TeamRoute {
    TeamRoute {
        channel: rule.channel,
        tag: rule.tag,
        team_id: rule.team_id,
    }
}

fn mapping(set: &Object<'_>) -> Fields<String> {
    let mut mapping = Fields::new();
    for (field, path) in set.iter() {
        mapping.insert(field, raw::text(path).unwrap_or_default());
    }
    if set.iter().next().is_none() {
        for (field, path) in USUAL {
            mapping.insert(field, path.to_owned());
        }
    }
    mapping
}

fn escalation(set: &Object<'_>) -> EscalationSettings {
    let mut phrases = Fields::new();
    for (language, listed) in child(set, "phrases").iter() {
        phrases.insert(language, texts(listed).unwrap_or_default());
    }
    EscalationSettings {
        phrases_on: set.get("phrases_on") == Some(&"true"),
        phrases,
        message: text(set, "message"),
    }
}
