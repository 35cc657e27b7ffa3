//! The requests' shapes for the OpenAPI document; `patch` and `probe` read them field by field, so
//! that a refusal can name the field.

use super::view::TeamRoute;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Changes. Absent fields stay as they are; null clears a field, so that the deployment's default
/// applies again.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct KustomerPatch {
    /// The organisation's id (Settings › Organization).
    #[schemars(length(min = 1, max = 128))]
    pub organization_id: Option<String>,
    /// The part before `.kustomerapp.com`; a host or a URL is reduced to it.
    pub subdomain: Option<String>,
    /// The team of conversations that no rule matches.
    #[schemars(length(min = 1, max = 128))]
    pub default_team_id: Option<String>,
    /// The priority of conversations created in Kustomer.
    #[schemars(extend("enum" = ["low", "medium", "high", "urgent", null]))]
    pub default_priority: Option<String>,
    /// The features to enable or disable.
    pub features: Option<FeaturesPatch>,
    /// All routing rules, at most 50; the first match applies.
    #[schemars(length(max = 50))]
    pub team_routing: Option<Vec<TeamRoute>>,
    /// All of the mapping: our field (`customerName`, `customerEmail`, `customerPhone`, `tags`,
    /// `externalId`, `custom_fields.…`) and the path of Kustomer's, such as
    /// `attributes.emails[0].email`.
    pub field_mapping: Option<BTreeMap<String, String>>,
    /// The rollout.
    pub rollout: Option<RolloutPatch>,
    /// The settings of escalation.
    pub escalation: Option<EscalationPatch>,
    /// Whether each request is logged.
    pub debug: Option<bool>,
    /// Secrets, which are never returned.
    pub credentials: Option<CredentialsPatch>,
}

/// The features to enable or disable.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FeaturesPatch {
    /// Escalations create conversations in Kustomer.
    pub ticket_creation: Option<bool>,
    /// Customers are looked up before they are created.
    pub customer_lookup: Option<bool>,
    /// Every conversation is synchronised, not only escalated ones.
    pub conversation_sync: Option<bool>,
    /// Conversations are assigned to teams.
    pub auto_assignment: Option<bool>,
}

/// The rollout.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RolloutPatch {
    /// This percentage of customers, always the same ones.
    #[schemars(range(max = 100))]
    pub percent: Option<u8>,
    /// Customers with this tag.
    #[schemars(length(min = 1, max = 64))]
    pub tag: Option<String>,
}

/// The settings of escalation.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EscalationPatch {
    /// Whether handoff triggers are on.
    pub phrases_on: Option<bool>,
    /// All handoff triggers by language; a language's list replaces ours.
    pub phrases: Option<BTreeMap<String, Vec<String>>>,
    /// The notification to the customer, up to 1000 characters.
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
    /// The token of a webhook that was created by hand.
    #[schemars(length(min = 1, max = 4096))]
    pub webhook_secret: Option<String>,
}

/// Values to test instead of the stored ones; they are not stored.
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
