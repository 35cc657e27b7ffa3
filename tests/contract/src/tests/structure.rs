use super::{check, doc, operations, resolved, responses, strict_doc};
use common::http::ledger::HEALTH_PART;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Every object of the document with the path to it.
fn objects<'d>(value: &'d Value, path: &str, found: &mut Vec<(String, &'d Value)>) {
    match value {
        Value::Object(fields) => {
            found.push((path.to_owned(), value));
            for (key, field) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                objects(field, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                objects(item, &format!("{path}/{n}"), found);
            }
        }
        _ => {}
    }
}

/// The fields of an Object of OpenAPI 3.1 that must be there, and those that may.
fn has_only(object: &Value, required: &[&str], optional: &[&str], what: &str) {
    let fields = object
        .as_object()
        .unwrap_or_else(|| panic!("{what} is no object"));
    for name in required {
        assert!(fields.contains_key(*name), "{what} has no {name}");
    }
    for name in fields.keys() {
        let known = required.contains(&name.as_str()) || optional.contains(&name.as_str());
        assert!(known || name.starts_with("x-"), "{what} has {name}");
    }
}

#[test]
fn every_object_has_the_fields_that_openapi_3_1_gives_it() {
    let doc = doc();
    has_only(
        &doc,
        &[
            "openapi",
            "info",
            "servers",
            "tags",
            "paths",
            "webhooks",
            "components",
        ],
        &[],
        "document",
    );
    has_only(
        &doc["info"],
        &["title", "version", "summary", "description", "license"],
        &[],
        "info",
    );
    has_only(
        &doc["components"],
        &[
            "schemas",
            "responses",
            "headers",
            "examples",
            "securitySchemes",
        ],
        &[],
        "components",
    );
    for (path, method, operation) in operations(&doc) {
        let what = format!("{method} {path}");
        let required = [
            "operationId",
            "summary",
            "description",
            "tags",
            "security",
            "responses",
        ];
        has_only(operation, &required, &["parameters", "requestBody"], &what);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let required = ["name", "in", "required", "description", "schema"];
            has_only(parameter, &required, &["example"], &what);
        }
        for (status, response) in responses(&doc, operation) {
            assert!(
                status.parse::<u16>().is_ok_and(|n| (200..600).contains(&n)),
                "{what} {status}"
            );
            has_only(response, &["description", "headers"], &["content"], &what);
            for media in response["content"]
                .as_object()
                .into_iter()
                .flat_map(|c| c.values())
            {
                has_only(media, &["schema", "examples"], &[], &what);
            }
        }
    }
    let is_name = |name: &String| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && !name.is_empty()
    };
    for parts in doc["components"].as_object().unwrap().values() {
        assert!(parts.as_object().unwrap().keys().all(is_name));
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let doc = doc();
    let mut found = Vec::new();
    objects(&doc, "", &mut found);
    let references: HashSet<&str> = found
        .iter()
        .filter_map(|(_, object)| object.get("$ref")?.as_str())
        .collect();
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(doc.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "headers", "examples"] {
        for name in doc["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(
                references.contains(reference.as_str()),
                "{reference} is not used"
            );
        }
    }
}

#[test]
fn operation_ids_are_unique_and_tags_and_security_schemes_exist() {
    let doc = doc();
    let mut ids = HashSet::new();
    let tags: Vec<_> = doc["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    for (.., operation) in operations(&doc) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()));
        assert!(
            operation["tags"]
                .as_array()
                .unwrap()
                .iter()
                .all(|tag| tags.contains(&tag))
        );
        for requirement in operation["security"].as_array().unwrap() {
            for scheme in requirement.as_object().unwrap().keys() {
                assert!(
                    doc["components"]["securitySchemes"].get(scheme).is_some(),
                    "{scheme}"
                );
            }
        }
    }
}

#[test]
fn path_parameters_are_those_of_the_path() {
    let doc = doc();
    for (path, _, operation) in operations(&doc) {
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let declared = parameters.iter().filter(|p| p["in"] == "path");
        let declared: Vec<_> = declared
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        let named = path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next());
        assert_eq!(declared, named.collect::<Vec<_>>(), "{path}");
        assert!(
            parameters
                .iter()
                .all(|p| p["in"] != "path" || p["required"] == true)
        );
        let keys: HashSet<_> = parameters
            .iter()
            .map(|p| (p["in"].as_str(), p["name"].as_str()))
            .collect();
        assert_eq!(keys.len(), parameters.len(), "{path}");
    }
}

#[test]
fn every_schema_is_a_schema() {
    let doc = doc();
    let mut found = Vec::new();
    objects(&doc, "", &mut found);
    let schemas = doc["components"]["schemas"].as_object().unwrap();
    let named = schemas.iter().map(|(name, schema)| (name.clone(), schema));
    let inline = found
        .iter()
        .filter_map(|(path, object)| Some((path.clone(), object.get("schema")?)));
    for (place, schema) in named.chain(inline) {
        let errors = jsonschema::draft202012::meta::validate(schema).err();
        assert!(errors.is_none(), "{place}: {errors:?}");
    }
}

#[test]
fn every_example_fits_its_schema_and_shows_no_unknown_field() {
    let doc = strict_doc();
    let mut count = 0;
    for (_, _, operation) in operations(&doc) {
        let id = operation["operationId"].as_str().unwrap();
        let bodies = responses(&doc, operation)
            .into_iter()
            .map(|(_, response)| response);
        for body in bodies.chain(operation.get("requestBody")) {
            for media in body["content"]
                .as_object()
                .into_iter()
                .flat_map(|content| content.values())
            {
                for (name, example) in media["examples"].as_object().unwrap() {
                    let example = resolved(&doc, example);
                    check(
                        &doc,
                        &media["schema"],
                        &example["value"],
                        &format!("{id} {name}"),
                    );
                    count += 1;
                }
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let Some(example) = parameter.get("example") {
                check(&doc, &parameter["schema"], example, id);
            }
        }
    }
    let event = &doc["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"];
    let example = &event["examples"]["message"]["value"];
    check(&doc, &event["schema"], example, "an event");
    for header in doc["components"]["headers"].as_object().unwrap().values() {
        check(&doc, &header["schema"], &header["example"], "a header");
    }
    assert!(count > 50, "only {count} examples were found");
}

#[test]
fn whatever_a_caller_meets_is_described() {
    let doc = doc();
    for (name, schema) in doc["components"]["schemas"].as_object().unwrap() {
        let described = |schema: &Value| {
            schema["description"]
                .as_str()
                .is_some_and(|d| d.ends_with('.'))
        };
        assert!(described(schema), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(described(property), "{name}.{field}");
        }
    }
    // Names of our own files and of Rust are for us.
    let text = doc.to_string();
    for inner in [".rs", "contract.md", "design.md", "\\u", "[`", "::"] {
        assert!(!text.contains(inner), "{inner}");
    }
}

#[test]
fn the_health_example_names_every_function_of_the_first_part() {
    let doc = doc();
    let content = &doc["paths"]["/healthz"]["get"]["responses"]["200"]["content"];
    let value = &content["application/json"]["examples"]["ok"]["value"];
    let named: Vec<_> = value["functions"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let known = common::http::ledger::functions().take(HEALTH_PART);
    assert_eq!(json!(named), json!(known.collect::<Vec<_>>()));
    assert_eq!(value["parts"], gateway::health::parts());
}
