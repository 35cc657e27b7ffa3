//! The record of the document against the parser, which is written by hand.

use super::doc;
use super::live::Live;
use serde_json::{Map, Value, json};

/// A record that is created, to which a test adds.
fn base() -> Map<String, Value> {
    json!({ "name": "A", "email": "a@b.example" })
        .as_object()
        .unwrap()
        .clone()
}

fn properties() -> Map<String, Value> {
    doc()["components"]["schemas"]["CustomerRecord"]["properties"]
        .as_object()
        .unwrap()
        .clone()
}

/// What becomes of a record.
fn outcome(live: &Live, record: Map<String, Value>) -> Value {
    let call = live
        .stack
        .call("customers-sync", "POST", "/api-customers-sync?dry_run=true");
    let call = call
        .key(&live.tenant.api_key)
        .json(&json!({ "customers": [record] }));
    live.send("customers-sync", call).json["results"]["details"][0].clone()
}

/// A text of this many characters that the field can hold.
fn text_of(field: &str, chars: usize) -> String {
    let pad = |before: &str, filler: &str, after: &str| {
        format!(
            "{before}{}{after}",
            filler.repeat(chars - before.len() - after.len())
        )
    };
    match field {
        "email" => pad("a", "b", "@c.example"),
        "phone" | "whatsapp_number" => pad("+353 87", " ", "1234567"),
        "crm_ids" => {
            let filler = "a:b:c|".repeat((chars - 5) / 6);
            let id = "c".repeat(chars - filler.len() - 4);
            format!("{filler}a:b:{id}")
        }
        // Characters, not bytes.
        _ => "é".repeat(chars),
    }
}

#[test]
fn the_parser_knows_every_field_of_the_record_and_no_other() {
    let live = Live::new();
    let mut record = base();
    for (name, schema) in properties() {
        let value = match schema["type"][0].as_str().unwrap() {
            "array" => json!(["a"]),
            "object" => json!({ "a": 1 }),
            _ => text_of(&name, 20).into(),
        };
        record.insert(name, value);
    }
    // What else could be taken for a field of a record.
    let customer = doc()["components"]["schemas"]["Customer"]["properties"].clone();
    let others = customer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .chain(["shoe_size"]);
    let mut others: Vec<_> = others.filter(|name| !record.contains_key(*name)).collect();
    others.sort_unstable();
    record.extend(others.iter().map(|name| ((*name).to_owned(), json!("x"))));
    let outcome = outcome(&live, record);
    assert_eq!(outcome["action"], "created", "{outcome}");
    let mut ignored: Vec<_> = outcome["ignored_fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    ignored.sort_unstable();
    assert_eq!(ignored, others);
}

#[test]
fn every_length_is_the_longest_that_the_parser_takes() {
    let live = Live::new();
    let mut count = 0;
    for (name, schema) in properties() {
        let Some(max) = schema["maxLength"].as_u64() else {
            continue;
        };
        let action = |chars: u64| {
            let text = text_of(&name, usize::try_from(chars).unwrap());
            let mut record = base();
            record.insert(name.clone(), text.into());
            outcome(&live, record)["action"].clone()
        };
        assert_eq!(action(max), "created", "{name} of {max}");
        assert_eq!(action(max + 1), "failed", "{name} of {}", max + 1);
        count += 1;
    }
    assert_eq!(count, 11);
}

#[test]
fn tags_have_the_bounds_that_the_parser_takes() {
    let live = Live::new();
    let tags = &properties()["tags"];
    let (most, longest) = (
        tags["maxItems"].as_u64(),
        tags["items"]["maxLength"].as_u64(),
    );
    let (most, longest) = (most.unwrap(), usize::try_from(longest.unwrap()).unwrap());
    let action = |tags: Vec<String>| {
        let mut record = base();
        record.insert("tags".into(), tags.into());
        outcome(&live, record)["action"].clone()
    };
    let many = |count: u64| (0..count).map(|n| n.to_string()).collect();
    assert_eq!(action(many(most)), "created");
    assert_eq!(action(many(most + 1)), "failed");
    assert_eq!(action(vec!["é".repeat(longest)]), "created");
    assert_eq!(action(vec!["é".repeat(longest + 1)]), "failed");
}

#[test]
fn every_type_of_the_schema_is_taken_and_no_other() {
    let live = Live::new();
    let values = [
        json!(null),
        json!("+353871234567"),
        json!(7),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
    ];
    for (name, schema) in properties() {
        let validator = jsonschema::validator_for(&schema).unwrap();
        for value in &values {
            let mut record = json!({ "external_id": "1", "name": "A", "email": "a@b.example", "phone": "+353871234568" });
            // An email address is the one text with a form that no type tells.
            let is_odd = name == "email" && value.is_string();
            record[&name] = value.clone();
            let outcome = outcome(&live, record.as_object().unwrap().clone());
            let is_taken = outcome["action"] != "failed" || is_odd;
            let is_missing = value.is_null() && ["name", "email"].contains(&name.as_str());
            assert!(
                is_taken == validator.is_valid(value) || is_missing,
                "{name} {value}: {outcome}"
            );
        }
    }
}
