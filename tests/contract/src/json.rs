//! JSON whose fields keep their order, so that documents and examples read as they were meant.
//!
//! `serde_json` has a feature for that. It would change the maps of every crate that is built
//! beside this one, the functions under test among them.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A map whose keys keep their order.
pub type Map<T> = IndexMap<String, T>;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the kinds of JSON")]
pub enum Json {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Json>),
    Object(Map<Json>),
}

/// Widest array that is printed on one line.
const LINE_CHARS: usize = 60;

impl Json {
    /// A field of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.object()?.get(key)
    }

    /// The fields of an object.
    #[must_use]
    pub fn object(&self) -> Option<&Map<Self>> {
        if let Self::Object(fields) = self {
            Some(fields)
        } else {
            None
        }
    }

    /// The items of an array; none of anything else.
    #[must_use]
    pub fn list(&self) -> &[Self] {
        if let Self::List(items) = self {
            items
        } else {
            &[]
        }
    }

    /// A text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// A field of an object that is a text.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// On many lines, as people like to read it: short arrays of plain values stay on one.
    #[must_use]
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.print(0, &mut out);
        out
    }

    fn print(&self, depth: usize, out: &mut String) {
        match self {
            Self::Object(fields) if !fields.is_empty() => {
                let fields = fields.iter().map(|(key, value)| (Some(key), value));
                block(fields, ['{', '}'], depth, out);
            }
            Self::List(items) if !self.fits_a_line() => {
                block(
                    items.iter().map(|item| (None, item)),
                    ['[', ']'],
                    depth,
                    out,
                );
            }
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_string).collect();
                out.push_str(&format!("[{}]", items.join(", ")));
            }
            plain => out.push_str(&plain.to_string()),
        }
    }

    fn fits_a_line(&self) -> bool {
        let is_plain = |item: &Self| !matches!(item, Self::List(_) | Self::Object(_));
        self.list().iter().all(is_plain) && self.to_string().len() <= LINE_CHARS
    }
}

fn block<'a>(
    entries: impl Iterator<Item = (Option<&'a String>, &'a Json)>,
    [open, close]: [char; 2],
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    for (n, (key, value)) in entries.enumerate() {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            out.push_str(&format!("{}: ", Json::from(key.as_str())));
        }
        value.print(depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// On one line.
impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => Self::Number(value),
            Value::String(value) => Self::Text(value),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| (key, value.into()))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_is_kept_and_short_arrays_stay_on_a_line() {
        let text = r#"{"z":[1,2.5,"é\n"],"a":{"c":[],"b":{}},"l":[{"x":null}]}"#;
        let value: Json = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), text);
        let pretty = "{\n  \"z\": [1, 2.5, \"é\\n\"],\n  \"a\": {\n    \"c\": [],\n    \"b\": {}\n  \
                      },\n  \"l\": [\n    {\n      \"x\": null\n    }\n  ]\n}";
        assert_eq!(value.pretty(), pretty);
    }
}
