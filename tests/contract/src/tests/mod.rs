mod answers;
mod calls;
mod curl;
mod drift;
mod ledger;
mod live;
mod page;
mod record;
mod settings;
mod snapshots;
mod structure;

use crate::document::document;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

/// The document as any client reads it.
fn doc() -> Value {
    serde_json::to_value(document().unwrap()).unwrap()
}

/// Checks values against a schema of the document, as a client would. Only the schemas that it leads to go
/// with it: a copy of them all for each check was most of what these tests took.
fn validator(doc: &Value, schema: &Value) -> Validator {
    let mut schemas = serde_json::Map::new();
    collect_schemas(doc, schema, &mut schemas);
    let mut root = json!({ "components": { "schemas": schemas } });
    let keywords = schema.as_object().unwrap().clone();
    root.as_object_mut().unwrap().extend(keywords);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap()
}

/// Every schema of the document that a schema refers to, and those that they refer to.
fn collect_schemas(doc: &Value, schema: &Value, found: &mut serde_json::Map<String, Value>) {
    match schema {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|path| path.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| !found.contains_key(*name)) {
                let schema = &doc["components"]["schemas"][name];
                found.insert(name.to_owned(), schema.clone());
                collect_schemas(doc, schema, found);
            }
            for field in fields.values() {
                collect_schemas(doc, field, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_schemas(doc, item, found);
            }
        }
        _ => {}
    }
}

/// The document with schemas that allow no field beyond those they name, so that a field which a
/// schema forgot is found.
fn strict_doc() -> Value {
    let mut doc = doc();
    for schema in doc["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        if schema.get("properties").is_some() {
            schema["additionalProperties"] = false.into();
        }
    }
    doc
}

/// Fails with everything that is wrong with the value.
fn check(doc: &Value, schema: &Value, value: &Value, what: &str) {
    let validator = validator(doc, schema);
    let faults: Vec<_> = validator
        .iter_errors(value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what}: {faults:#?}\n{value:#}");
}

/// Every operation: its path, its method in lower case, itself.
fn operations(doc: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = doc["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

/// What an operation can answer, by status, with shared responses looked up.
fn responses<'d>(doc: &'d Value, operation: &'d Value) -> Vec<(&'d str, &'d Value)> {
    let all = operation["responses"].as_object().unwrap().iter();
    all.map(|(status, response)| (status.as_str(), resolved(doc, response)))
        .collect()
}

/// What a value is, where it is a reference.
fn resolved<'d>(doc: &'d Value, value: &'d Value) -> &'d Value {
    let pointer = value["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'));
    pointer.map_or(value, |pointer| doc.pointer(pointer).unwrap())
}
