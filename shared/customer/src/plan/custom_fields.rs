use crate::model::MAX_CUSTOM_FIELDS_BYTES;
use crate::record::{RecordError, checks};
use common::json::raw::{integer, plain_text};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// Longest integer that is written as it is read, in bytes: fewer digits than those of the largest.
const MAX_INTEGER_BYTES: usize = 18;

/// What is stored once the fields that were sent are merged into it: a null takes a field out. Fields stand in the order of
/// their names, so that those that are equal are written the same.
///
/// # Errors
/// [`RecordError::malformed`]; another where it would be too long.
pub(super) fn merged<'a>(stored: &str, sent: &'a str) -> Result<Cow<'a, str>, RecordError> {
    let plain = match stored {
        "{}" => plain(sent),
        _ => None,
    };
    let fields = match plain {
        Some(fields) => fields,
        None => Cow::Owned(read_and_merged(stored, sent)?),
    };
    if fields.len() > MAX_CUSTOM_FIELDS_BYTES {
        return Err(checks::too_many_custom_fields());
    }
    Ok(fields)
}

fn read_and_merged(stored: &str, sent: &str) -> Result<String, RecordError> {
    let sent: Map<String, Value> =
        serde_json::from_str(sent).map_err(|_| RecordError::malformed())?;
    let mut fields: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    for (key, value) in sent {
        if value.is_null() {
            fields.remove(&key);
        } else {
            fields.insert(key, value);
        }
    }
    serde_json::to_string(&fields).map_err(|_| RecordError::malformed())
}

/// What [`read_and_merged`] would make of these fields and none, where that takes no reading: each has a name of its own, and
/// a value that can be written in one way alone.
fn plain(sent: &str) -> Option<Cow<'_, str>> {
    let PlainFields(mut fields) = serde_json::from_str(sent).ok()?;
    let in_order = fields.is_sorted_by(|a, b| a.0 < b.0);
    if !in_order {
        fields.sort_unstable_by_key(|field| field.0);
        if fields
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
        {
            return None;
        }
    }
    // `"name":value` each, and a comma or a bracket after it.
    let bytes = fields
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4);
    let bytes = 1 + bytes.sum::<usize>().max(1);
    if in_order && bytes == sent.len() {
        return Some(Cow::Borrowed(sent));
    }
    let mut json = String::with_capacity(bytes);
    json.push('{');
    for (n, (name, value)) in fields.into_iter().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        for part in [comma, "\"", name, "\":", value] {
            json.push_str(part);
        }
    }
    json.push('}');
    Some(Cow::Owned(json))
}

/// Names without escapes, each with a value as it is written. Any other object cannot be read as this.
struct PlainFields<'a>(Vec<(&'a str, &'a str)>);

impl<'de> Deserialize<'de> for PlainFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PlainFieldsVisitor)
    }
}

struct PlainFieldsVisitor;

impl<'de> Visitor<'de> for PlainFieldsVisitor {
    type Value = PlainFields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<&str, &RawValue>()? {
            if !is_plain(value.get()) {
                return Err(serde::de::Error::custom("a value to be read"));
            }
            fields.push((name, value.get()));
        }
        Ok(PlainFields(fields))
    }
}

fn is_plain(value: &str) -> bool {
    // -0 is a number with a fraction.
    let is_integer =
        || value.len() <= MAX_INTEGER_BYTES && value != "-0" && integer(value).is_some();
    matches!(value, "true" | "false") || plain_text(value).is_some() || is_integer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_fields_are_sorted_and_left_as_they_are() {
        for (sent, expected) in [
            ("{}", "{}"),
            ("{ }", "{}"),
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"b": "x", "a":true}"#, r#"{"a":true,"b":"x"}"#),
        ] {
            assert_eq!(plain(sent).as_deref(), Some(expected), "{sent}");
        }
        assert!(matches!(
            plain(r#"{"a":1,"b":"é"}"#),
            Some(Cow::Borrowed(_))
        ));
    }

    #[test]
    fn what_has_to_be_read_is_read() {
        for sent in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":null}"#,
            r#"{"a":1.0}"#,
            r#"{"a":-0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":9999999999999999999}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"\u0041":1}"#,
            r#"{"a":[]}"#,
            r#"{"a":{"b":1}}"#,
        ] {
            assert_eq!(plain(sent), None, "{sent}");
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_is_what_reading_makes_of_it(
            names in prop::collection::vec("[a-cé ]{0,2}", 0..5),
            values in prop::collection::vec(
                prop_oneof!["-?(0|[1-9][0-9]{0,20})", "true|false|null", "\"[a-z\u{7f}é/]{0,4}\"", "\\[\\]"], 5),
            blank in " ?",
        ) {
            let field = |(name, value): (&String, &String)| format!("{blank}\"{name}\"{blank}:{value}{blank}");
            let fields: Vec<String> = names.iter().zip(&values).map(field).collect();
            let sent = format!("{{{}}}", fields.join(","));
            if let Some(fields) = plain(&sent) {
                prop_assert_eq!(fields.into_owned(), read_and_merged("{}", &sent).unwrap());
            }
        }
    }
}
