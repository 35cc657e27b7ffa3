//! The schemas of the Rust types, made fit to be read: by people, and by generators of clients.

use crate::Result;
use crate::json::{Json, Map};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// Where a schema stands in the document.
pub const PLACE: &str = "#/components/schemas/";

/// Makes the schema of a type: `SchemaGenerator::subschema_for::<T>`.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Keywords of a schema in the order in which they are printed; the rest follow.
const KEYWORDS: [&str; 5] = ["$ref", "type", "format", "enum", "description"];

/// Gathers the schemas that the operations name.
pub struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.meta_schema = None;
            settings.definitions_path = "/components/schemas".into();
        });
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            answers: settings.for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of what is sent.
    pub fn request(&mut self, of: SchemaOf) -> Json {
        printed(of(&mut self.requests).to_value(), false)
    }

    /// The schema of what comes back.
    pub fn answer(&mut self, of: SchemaOf) -> Json {
        printed(of(&mut self.answers).to_value(), true)
    }

    /// All that were named, by the name of their type.
    ///
    /// # Errors
    /// When a type is sent and comes back in different shapes: it needs two names then.
    pub fn finish(mut self) -> Result<Map<Json>> {
        let mut all = Map::new();
        for (name, schema) in self.answers.take_definitions(true) {
            all.insert(name, printed(schema, true));
        }
        for (name, schema) in self.requests.take_definitions(true) {
            let schema = printed(schema, false);
            if all.get(&name).is_some_and(|other| *other != schema) {
                return Err(format!("{name} is sent and comes back in different shapes").into());
            }
            all.insert(name, schema);
        }
        all.sort_keys();
        Ok(all)
    }
}

fn printed(schema: Value, is_answer: bool) -> Json {
    let Value::Object(mut keywords) = schema else {
        return schema.into();
    };
    // `uint` and its like are formats of Rust alone; the minimum beside them says the same.
    if keywords
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|name| name.starts_with("uint"))
    {
        keywords.remove("format");
    }
    // What comes back may gain fields, and a client must not break by them.
    if is_answer && keywords.get("additionalProperties") == Some(&Value::Bool(false)) {
        keywords.remove("additionalProperties");
    }
    if let Some(choices) = keywords.remove("oneOf") {
        one_of(&mut keywords, choices);
    }
    let mut out: Map<Json> = Map::new();
    for (keyword, value) in keywords {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => Json::Object(
                fields
                    .into_iter()
                    .map(|(name, field)| (name, printed(field, is_answer)))
                    .collect(),
            ),
            ("items" | "additionalProperties", value) => printed(value, is_answer),
            ("description", Value::String(text)) => Json::Text(unwrapped(&text)),
            (_, value) => value.into(),
        };
        out.insert(keyword, value);
    }
    let rank = |keyword: &String| {
        KEYWORDS
            .iter()
            .position(|k| k == keyword)
            .unwrap_or(usize::MAX)
    };
    out.sort_by(|a, _, b, _| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    Json::Object(out)
}

/// The variants of an enum, each with a description, become one `enum`, which every generator of
/// clients knows, and their descriptions a list.
fn one_of(keywords: &mut serde_json::Map<String, Value>, choices: Value) {
    let variants: Vec<_> = choices.as_array().into_iter().flatten().collect();
    let names: Vec<_> = variants
        .iter()
        .filter_map(|v| v.get("const"))
        .cloned()
        .collect();
    if names.len() != variants.len() {
        keywords.insert("oneOf".into(), choices);
        return;
    }
    let mut text = keywords
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    text.push('\n');
    for variant in variants {
        let said = |keyword| {
            variant
                .get(keyword)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        text.push_str(&format!("\n- `{}`: {}", said("const"), said("description")));
    }
    keywords.insert("type".into(), "string".into());
    keywords.insert("enum".into(), Value::Array(names));
    keywords.insert("description".into(), text.into());
}

/// A doc comment is wrapped for the source's width: its paragraphs and list items become a line
/// each.
fn unwrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let begins =
            line.is_empty() || line.starts_with("- ") || out.is_empty() || out.ends_with('\n');
        if begins && !out.is_empty() {
            out.push('\n');
        } else if !begins {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}
