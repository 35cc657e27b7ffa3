//! The order of a schema's fields. `schemars` sorts them by name; the examples have them as the API
//! does, so the schemas follow the examples.

use crate::json::{Json, Map};
use crate::schemas::PLACE;
use indexmap::IndexSet;

/// Learns the order from examples.
#[derive(Debug, Default)]
pub struct Order(Map<IndexSet<String>>);

impl Order {
    /// Notes the fields of an example under the schemas that it is an example of.
    pub fn learn(&mut self, schemas: &Map<Json>, schema: &Json, example: &Json) {
        let name = schema
            .text_of("$ref")
            .and_then(|reference| reference.strip_prefix(PLACE));
        let schema = name.and_then(|name| schemas.get(name)).unwrap_or(schema);
        for item in example.list() {
            if let Some(items) = schema.get("items") {
                self.learn(schemas, items, item);
            }
        }
        let (Some(fields), Some(properties)) = (example.object(), schema.get("properties")) else {
            return;
        };
        if let Some(name) = name {
            let known = self.0.entry(name.to_owned()).or_default();
            let keys: IndexSet<String> = fields.keys().cloned().collect();
            // The fullest example leads.
            let is_fuller = keys.len() > known.len();
            let before = std::mem::take(known);
            let (first, then) = if is_fuller {
                (keys, before)
            } else {
                (before, keys)
            };
            known.extend(first.into_iter().chain(then));
        }
        for (key, value) in fields {
            if let Some(property) = properties.get(key) {
                self.learn(schemas, property, value);
            }
        }
    }

    /// Puts the fields in order: those of the examples, then required ones, then the rest by name.
    pub fn apply(&self, schemas: &mut Map<Json>) {
        for (name, schema) in schemas {
            let Json::Object(keywords) = schema else {
                continue;
            };
            let mut order = self.0.get(name).cloned().unwrap_or_default();
            let required = keywords.get("required").map_or(&[][..], Json::list);
            order.extend(required.iter().filter_map(Json::text).map(str::to_owned));
            if let Some(Json::Object(properties)) = keywords.get_mut("properties") {
                let rank = |key: &String| order.get_index_of(key).unwrap_or(usize::MAX);
                properties.sort_by(|a, _, b, _| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
            }
        }
    }
}
