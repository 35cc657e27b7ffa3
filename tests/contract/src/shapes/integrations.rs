//! What the settings of integrations are read and shown as.

use schemars::JsonSchema;
use std::collections::BTreeMap;

/// What can be set for an integration.
#[derive(Debug, JsonSchema)]
pub struct IntegrationSchema {
    /// The connector.
    pub connector: String,
    /// The settings, in the order in which a form shows them.
    pub fields: Vec<SettingField>,
    /// What the groups are for.
    pub groups: BTreeMap<String, String>,
    /// The JSON schema of the `PUT`.
    pub schema: serde_json::Map<String, serde_json::Value>,
}

/// One setting.
#[derive(Debug, JsonSchema)]
pub struct SettingField {
    /// Its path in a request.
    pub path: String,
    /// Its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What a form shows: `text`, `number`, `switch`, `select`, `list`, `map`, `secret`, `group`.
    #[schemars(extend("enum" = ["text", "number", "switch", "select", "list", "map", "secret", "group"]))]
    pub input: String,
    /// Of a `select`: what there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
    /// Of a text: how many characters it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Of a number: the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Of a number: the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Of a `map` of customers' fields: the names that it knows, each with the fields of a customer, as `api-customers`
    /// shows them, of which it takes the first that has something. A `*` at the end of both stands for any name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_fields: Option<BTreeMap<String, Vec<String>>>,
    /// What holds where nobody sets it.
    pub default: serde_json::Value,
    /// The variable of the deployment that holds where the business sets nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// Whether it is never shown.
    pub secret: bool,
    /// Whether the connection needs it, of the business or of the deployment.
    pub required: bool,
    /// Whether a test takes it, too.
    pub testable: bool,
    /// What it is for.
    pub help: String,
}

/// The hand-off settings.
#[derive(Debug, JsonSchema)]
pub struct HandoffAnswer {
    /// The settings.
    pub handoff: Handoff,
}

/// When conversations are handed to people by themselves.
#[derive(Debug, JsonSchema)]
pub struct Handoff {
    /// Whether it is looked for triggers in what customers write.
    pub enabled: bool,
    /// Triggers by language; those of a language replace ours.
    pub triggers: BTreeMap<String, Vec<String>>,
    /// What the customer is told; null for our own sentence.
    pub message: Option<String>,
    /// When that last changed; null where nothing was ever set.
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: Option<String>,
}

/// What to change of the hand-off settings. What is absent stays; null clears.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HandoffPatch {
    /// Whether to look for triggers in what customers write.
    pub enabled: Option<bool>,
    /// All triggers, by language: at most 50 languages with 100 triggers of 100 characters each.
    pub triggers: Option<BTreeMap<String, Vec<String>>>,
    /// What the customer is told.
    #[schemars(length(min = 1, max = 1000))]
    pub message: Option<String>,
}
