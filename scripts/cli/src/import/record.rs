//! From a line of the file to a record of the API.

use csv::ByteRecord;
use serde_json::{Map, Value};

use super::field::{Field, Target};
use super::mapping::MapRule;

/// One row of the file, ready to be sent or known to be unusable.
#[derive(Debug)]
pub(crate) struct Row {
    /// Counted from 1: in a CSV beneath the header, in JSONL by lines.
    pub(crate) number: u64,
    /// As text, empty when it has none.
    pub(crate) external_id: String,
    /// What the file holds, for the report.
    pub(crate) original: ByteRecord,
    /// The record as JSON.
    pub(crate) content: Result<String, Unusable>,
}

/// Why a row is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) code: &'static str,
    pub(crate) error: String,
}

impl Unusable {
    pub(crate) fn unreadable(error: impl Into<String>) -> Self {
        Self {
            code: "unreadable_row",
            error: error.into(),
        }
    }

    pub(crate) fn too_large(error: impl Into<String>) -> Self {
        Self {
            code: "record_too_large",
            error: error.into(),
        }
    }
}

/// A row from what reading it gave; `system` is the default of external_system.
pub(crate) fn row(
    number: u64,
    original: ByteRecord,
    record: Result<Map<String, Value>, Unusable>,
    system: Option<&str>,
) -> Row {
    let mut external_id = String::new();
    let content = record.map(|mut record| {
        external_id = match record.get("external_id") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if let (false, Some(system)) = (external_id.is_empty(), system) {
            let own = record.entry("external_system").or_insert(Value::Null);
            if own.is_null() {
                *own = system.into();
            }
        }
        Value::Object(record).to_string()
    });
    Row {
        number,
        external_id,
        original,
        content,
    }
}

/// The record of a CSV row. Empty cells are left out, so that they keep what the customer has.
pub(crate) fn from_cells(
    cells: &ByteRecord,
    filled: &[(usize, Target)],
) -> Result<Map<String, Value>, Unusable> {
    let mut record = Map::new();
    for (column, target) in filled {
        let cell = std::str::from_utf8(cells.get(*column).unwrap_or_default()).map_err(|_| {
            let column = column + 1;
            Unusable::unreadable(format!(
                "column {column} is not UTF-8: save the file as UTF-8"
            ))
        })?;
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let value = match target {
            Target::Field(Field::Tags) => tags(cell),
            Target::Field(Field::CustomFields) => custom_fields(cell)?,
            _ => Value::from(cell),
        };
        put(&mut record, target, value)?;
    }
    Ok(record)
}

/// Renames the keys of a JSONL object.
pub(crate) fn rename(
    mut record: Map<String, Value>,
    rules: &[MapRule],
) -> Result<Map<String, Value>, Unusable> {
    let value = |rule: &MapRule| record.get(&rule.source).cloned();
    let values: Vec<Option<Value>> = rules.iter().map(value).collect();
    for rule in rules {
        record.remove(&rule.source);
    }
    for (rule, value) in rules.iter().zip(values) {
        if let (Some(target), Some(value)) = (&rule.target, value) {
            put(&mut record, target, value)?;
        }
    }
    Ok(record)
}

/// Custom fields come together from several sources; the later one wins a key.
fn put(record: &mut Map<String, Value>, target: &Target, value: Value) -> Result<(), Unusable> {
    let added = match (target, value) {
        (Target::Custom(key), value) => Map::from_iter([(key.clone(), value)]),
        (Target::Field(Field::CustomFields), Value::Object(fields)) => fields,
        (Target::Field(field), value) => {
            record.insert(field.name().to_owned(), value);
            return Ok(());
        }
    };
    let held = record
        .entry(Field::CustomFields.name())
        .or_insert(Value::Null);
    match held {
        Value::Object(fields) => fields.extend(added),
        Value::Null => *held = Value::Object(added),
        _ => return Err(Unusable::unreadable("custom_fields is not an object")),
    }
    Ok(())
}

fn tags(cell: &str) -> Value {
    let tags = cell.split([';', ',', '|']).map(str::trim);
    tags.filter(|tag| !tag.is_empty())
        .map(Value::from)
        .collect()
}

fn custom_fields(cell: &str) -> Result<Value, Unusable> {
    let value = serde_json::from_str(cell).ok().filter(Value::is_object);
    value.ok_or_else(|| Unusable::unreadable("custom_fields is not a JSON object"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn from_text(cells: &[&str], targets: &[&str]) -> Result<Value, Unusable> {
        let targets = targets.iter().map(|name| Target::parse(name).unwrap());
        let filled: Vec<_> = targets.enumerate().collect();
        from_cells(&ByteRecord::from(cells), &filled).map(Value::Object)
    }

    #[test]
    fn empty_cells_are_left_out_and_others_are_trimmed() {
        let record = from_text(&[" Ann ", "", "  "], &["name", "email", "phone"]);
        assert_eq!(record.unwrap(), json!({"name": "Ann"}));
    }

    #[test]
    fn tags_are_split_at_each_usual_sign() {
        let record = from_text(&["vip; new,b|c;;"], &["tags"]);
        assert_eq!(record.unwrap(), json!({"tags": ["vip", "new", "b", "c"]}));
    }

    #[test]
    fn custom_fields_come_together_from_all_their_columns() {
        let targets = ["custom_fields.a", "custom_fields", "custom_fields.c"];
        let record = from_text(&["1", r#"{"b":2}"#, "3"], &targets);
        let expected = json!({"custom_fields": {"a": "1", "b": 2, "c": "3"}});
        assert_eq!(record.unwrap(), expected);
        assert!(from_text(&["[1]"], &["custom_fields"]).is_err());
    }

    #[test]
    fn the_default_system_goes_only_where_an_id_has_none() {
        let system = |record: Value| {
            let row = row(1, ByteRecord::new(), Ok(object(record)), Some("crm"));
            let record: Value = serde_json::from_str(&row.content.unwrap()).unwrap();
            (row.external_id, record.get("external_system").cloned())
        };
        assert_eq!(
            system(json!({"external_id": "a"})),
            ("a".into(), Some("crm".into()))
        );
        assert_eq!(
            system(json!({"external_id": 7})),
            ("7".into(), Some("crm".into()))
        );
        let own = json!({"external_id": "a", "external_system": "own"});
        assert_eq!(system(own), ("a".into(), Some("own".into())));
        assert_eq!(system(json!({"name": "n"})), (String::new(), None));
    }

    #[test]
    fn keys_are_renamed_dropped_and_moved_into_custom_fields() {
        let rules = [
            "Full Name=name",
            "x=",
            "seg=custom_fields.s",
            "m=phone",
            "m=whatsapp_number",
        ];
        let rules: Vec<MapRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let before = json!({"Full Name": "A", "x": 1, "seg": "s1", "m": "+1", "email": "e",
            "custom_fields": {"k": true}});
        let after = json!({"name": "A", "phone": "+1", "whatsapp_number": "+1", "email": "e",
            "custom_fields": {"k": true, "s": "s1"}});
        assert_eq!(
            Value::Object(rename(object(before), &rules).unwrap()),
            after
        );
    }
}
