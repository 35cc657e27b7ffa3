//! The requests' shapes for the OpenAPI document; `patch` and `probe` read them field by field, so
//! that a refusal can name the field.

use super::view::TeamRoute;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What to change. What is absent stays; null clears, so that the deployment's default holds again.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct KustomerPatch {
    /// The organisation's id (Settings › Organization).
    #[schemars(length(min = 1, max = 128))]
    pub organization_id: Option<String>,
    /// What stands before `.kustomerapp.com`; a host or a URL is cut down to it.
    pub subdomain: Option<String>,
    /// The team of conversations that no rule sends elsewhere.
    #[schemars(length(min = 1, max = 128))]
    pub default_team_id: Option<String>,
    /// The priority of conversations made there.
    #[schemars(extend("enum" = ["low", "medium", "high", "urgent", null]))]
    pub default_priority: Option<String>,
    /// What to switch on or off.
    pub features: Option<FeaturesPatch>,
    /// All rules of routing, at most 50; the first that fits holds.
    #[schemars(length(max = 50))]
    pub team_routing: Option<Vec<TeamRoute>>,
    /// All of the mapping: our field (`customerName`, `customerEmail`, `customerPhone`, `tags`,
    /// `externalId`, `custom_fields.…`) and the path of Kustomer's, such as
    /// `attributes.emails[0].email`.
    pub field_mapping: Option<BTreeMap<String, String>>,
    /// For which customers it is.
    pub rollout: Option<RolloutPatch>,
    /// When conversations are handed to people.
    pub escalation: Option<EscalationPatch>,
    /// Whether each request is logged.
    pub debug: Option<bool>,
    /// Secrets, which are never shown again.
    pub credentials: Option<CredentialsPatch>,
}

/// What to switch on or off.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FeaturesPatch {
    /// Conversations are made there for escalations.
    pub ticket_creation: Option<bool>,
    /// Customers are looked for before they are made.
    pub customer_lookup: Option<bool>,
    /// Every conversation is kept there, not only escalated ones.
    pub conversation_sync: Option<bool>,
    /// Conversations are assigned to teams.
    pub auto_assignment: Option<bool>,
}

/// For which customers it is.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RolloutPatch {
    /// This share of them, always the same ones.
    #[schemars(range(max = 100))]
    pub percent: Option<u8>,
    /// Those with this tag.
    #[schemars(length(min = 1, max = 64))]
    pub tag: Option<String>,
}

/// When conversations are handed to people.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EscalationPatch {
    /// Whether to look for phrases in what customers write.
    pub phrases_on: Option<bool>,
    /// All phrases, by language; those of a language replace ours.
    pub phrases: Option<BTreeMap<String, Vec<String>>>,
    /// What the customer is told, up to 1000 characters.
    #[schemars(length(min = 1, max = 1000))]
    pub message: Option<String>,
}

/// Secrets.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CredentialsPatch {
    /// The key of a machine user (Settings › Security › API Keys).
    #[schemars(length(min = 1, max = 4096))]
    pub api_key: Option<String>,
    /// The token of a webhook that was made by hand.
    #[schemars(length(min = 1, max = 4096))]
    pub webhook_secret: Option<String>,
}

/// What to test with in place of what is stored; nothing of it is kept.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TestPatch {
    /// As in the settings.
    pub subdomain: Option<String>,
    /// As in the settings.
    #[schemars(length(min = 1, max = 128))]
    pub organization_id: Option<String>,
    /// The key.
    pub credentials: Option<TestCredentials>,
}

/// The key to test with.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TestCredentials {
    /// The key.
    #[schemars(length(min = 1, max = 4096))]
    pub api_key: Option<String>,
}
