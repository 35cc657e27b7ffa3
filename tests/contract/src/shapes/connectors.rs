//! What is sent to the routes of integrations, and comes back: of each connector its own, made of its
//! table of settings. A body of one of them is a body of these routes.

use crate::schemas::PLACE;
use crm::Setup;
use dashboard_integrations::schema::{object_schema, schema_of};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// What of a connector's answers is no setting.
struct Answers {
    connector: &'static str,
    /// What a test answers.
    tested: fn(&mut SchemaGenerator) -> Schema,
    /// What is answered of the webhook when the connection is enabled.
    webhook: fn(&mut SchemaGenerator) -> Schema,
}

static ANSWERS: &[Answers] = &[
    Answers {
        connector: "kustomer",
        tested: SchemaGenerator::subschema_for::<crm_kustomer::setup::Tested>,
        webhook: SchemaGenerator::subschema_for::<crm_kustomer::setup::WebhookMade>,
    },
    Answers {
        connector: "krayin",
        tested: SchemaGenerator::subschema_for::<crm_krayin::setup::Tested>,
        webhook: SchemaGenerator::subschema_for::<crm_krayin::setup::WebhookMade>,
    },
];

/// The answers of each connector, in the order of the list of connectors.
fn answers() -> impl Iterator<Item = &'static Answers> {
    let of = |connector: &&dyn Setup| ANSWERS.iter().find(|of| of.connector == connector.name());
    connectors::SETUP.iter().filter_map(of)
}

/// The one that there is, or a choice.
fn choice(keyword: &'static str, mut schemas: Vec<Schema>) -> Schema {
    match schemas.len() {
        1 => schemas.remove(0),
        _ => json_schema!({ keyword: schemas }),
    }
}

/// What each connector makes of its table, under a name that begins with the connector's.
fn of_tables(
    generator: &mut SchemaGenerator,
    connectors: &[&dyn Setup],
    keyword: &'static str,
    (suffix, of): (&str, fn(&dyn Setup) -> Schema),
) -> Schema {
    let mut named = |connector: &&dyn Setup| {
        let mut letters = connector.name().chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        let name = [&name, suffix].concat();
        let definitions = generator.definitions_mut();
        definitions.insert(name.clone(), of(*connector).to_value());
        let reference = [PLACE, &name].concat();
        json_schema!({ "$ref": reference })
    };
    let schemas = connectors.iter().map(&mut named).collect();
    choice(keyword, schemas)
}

/// What a `PUT` changes. What connectors have in common is of several at once, so that this is `anyOf`.
pub fn integration_patch(generator: &mut SchemaGenerator) -> Schema {
    let of = |one: &dyn Setup| schema_of(&one.settings().request_schema());
    of_tables(generator, connectors::SETUP, "anyOf", ("Patch", of))
}

/// What a test takes; `anyOf` for the same reason.
pub fn integration_test(generator: &mut SchemaGenerator) -> Schema {
    let of = |one: &dyn Setup| schema_of(&one.settings().test_schema());
    of_tables(generator, connectors::SETUP, "anyOf", ("TestPatch", of))
}

/// A connection as it is shown: `connector` says which it is.
fn integration(generator: &mut SchemaGenerator) -> Schema {
    let of = ("Integration", object_schema as fn(&dyn Setup) -> Schema);
    of_tables(generator, connectors::SETUP, "oneOf", of)
}

/// What a test answers.
pub fn tested(generator: &mut SchemaGenerator) -> Schema {
    let schemas = answers().map(|of| (of.tested)(generator)).collect();
    choice("anyOf", schemas)
}

fn webhook_made(generator: &mut SchemaGenerator) -> Schema {
    let schemas = answers().map(|of| (of.webhook)(generator)).collect();
    choice("anyOf", schemas)
}

/// A connection, alone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneIntegration {
    /// The connection.
    #[schemars(schema_with = "integration")]
    pub integration: (),
}

/// A connection that is switched on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EnableAnswer {
    /// The connection.
    #[schemars(schema_with = "integration")]
    pub integration: (),
    /// What the test said.
    #[schemars(schema_with = "tested")]
    pub test: (),
    /// What calls us.
    #[schemars(schema_with = "webhook_made")]
    pub webhook: (),
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::generate::SchemaSettings;
    use testkit::Example;

    #[test]
    fn every_connector_says_what_it_answers() {
        let names: Vec<_> = connectors::SETUP.iter().map(|one| one.name()).collect();
        let described: Vec<_> = answers().map(|of| of.connector).collect();
        assert_eq!(described, names);
        assert_eq!(ANSWERS.len(), names.len());
    }

    #[test]
    fn two_connectors_are_a_choice_of_what_their_tables_give() {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let all = [connectors::SETUP, &[&Example as &dyn Setup]].concat();
        let of = ("Integration", object_schema as fn(&dyn Setup) -> Schema);
        let schema = of_tables(&mut generator, &all, "oneOf", of).to_value();
        let choices = schema["oneOf"].as_array().unwrap();
        assert_eq!(choices.len(), all.len());
        let last = choices.last().unwrap()["$ref"].as_str().unwrap();
        assert_eq!(last, "#/components/schemas/ExampleIntegration");
        let definitions = generator.take_definitions(true);
        let example = &definitions["ExampleIntegration"]["properties"];
        assert_eq!(example["connector"]["enum"][0], "example");
        assert!(example.get("base_url").is_some());
    }
}
