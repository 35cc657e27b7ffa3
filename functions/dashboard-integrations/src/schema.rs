//! The settings' table as schemas of the OpenAPI document.

use crm::Setup;
use schemars::Schema;
use serde_json::{Map, Value, json};

/// A schema that a table wrote.
///
/// # Panics
/// Where a table holds a schema that is no JSON: a test of the document finds it.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "native tools only, and found by their tests"
)]
pub fn schema_of(json: &str) -> Schema {
    let value: Value = serde_json::from_str(json).expect("a table's schema is JSON");
    Schema::try_from(value).expect("a table's schema is an object")
}

/// The schema of a connection as it is shown.
#[must_use]
pub fn object_schema(connector: &dyn Setup) -> Schema {
    let table = connector.settings();
    let mut properties = Map::new();
    let mut property = |name: &str, schema: Value| properties.insert(name.to_owned(), schema);
    let text = |help: &str| json!({ "type": ["string", "null"], "description": help });
    property(
        "connector",
        json!({ "type": "string", "enum": [connector.name()], "description": "The connector." }),
    );
    property(
        "status",
        json!({ "type": "string", "enum": ["active", "disabled"],
            "description": "`active` or `disabled`." }),
    );
    for (name, schema) in table.shown_schemas() {
        property(name, schema_of(&schema).to_value());
    }
    property(
        "source",
        json!({ "type": "object", "description":
            "Where what has a default of the deployment comes from.",
            "additionalProperties": { "type": "string", "enum": ["business", "deployment", "default"] } }),
    );
    property(
        "remote_organization_id",
        text("The organisation as the CRM named it when the connection was last enabled."),
    );
    property("remote_user_id", text("Who we are there."));
    property(
        "webhook_url",
        json!({ "type": "string", "description": "Where the CRM is to call us." }),
    );
    property(
        "updated_at",
        json!({ "type": ["string", "null"], "format": "date-time", "description":
            "When settings or status changed; null where nothing was ever set." }),
    );
    let required: Vec<_> = properties.keys().cloned().collect();
    let description = format!("A connection to {}: what is in force.", connector.name());
    schema_of(
        &json!({ "type": "object", "description": description, "properties": properties,
            "required": required })
        .to_string(),
    )
}
