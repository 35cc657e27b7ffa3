//! A record as it came: fields in their order, numbers as they were written.

use common::json::writer::quoted;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// `null`, or a cell that is empty.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A text without control characters.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Fields in the order in which they came, each name once.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A field of an object, by its name in any case of ASCII letters; the exact name first.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let fields = self.fields();
        let exact = fields.iter().find(|(known, _)| known == name);
        exact
            .or_else(|| {
                fields
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
            })
            .map(|(_, node)| node)
    }

    /// The fields of an object; none of anything else.
    #[must_use]
    pub fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A text or number that is not blank, trimmed.
    #[must_use]
    pub fn filled(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => {
                Some(text.trim()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// Text, number or truth value as text; `None` for what has parts and for nothing.
    #[must_use]
    pub fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(Cow::Borrowed(text)),
            Self::Bool(true) => Some(Cow::Borrowed("true")),
            Self::Bool(false) => Some(Cow::Borrowed("false")),
            _ => None,
        }
    }

    /// As JSON. Numbers stand as they came.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(true) => json.push_str("true"),
            Self::Bool(false) => json.push_str("false"),
            Self::Number(number) => json.push_str(number),
            Self::Text(text) => json.push_str(&quoted(text)),
            Self::List(items) => {
                json.push('[');
                for (n, item) in items.iter().enumerate() {
                    json.push_str(if n > 0 { "," } else { "" });
                    item.write_json(json);
                }
                json.push(']');
            }
            Self::Object(fields) => {
                json.push('{');
                for (n, (name, value)) in fields.iter().enumerate() {
                    json.push_str(if n > 0 { "," } else { "" });
                    json.push_str(&quoted(name));
                    json.push(':');
                    value.write_json(json);
                }
                json.push('}');
            }
        }
    }

    /// Whether there is anything in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.iter().all(Self::is_blank),
            Self::Object(fields) => fields.iter().all(|(_, node)| node.is_blank()),
            Self::Bool(_) | Self::Number(_) => false,
        }
    }
}

/// Leaves one field of each name, the last, in the place of the last: as JavaScript reads values.
pub(crate) fn without_doubles(fields: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let mut last = BTreeMap::new();
    for (at, (name, _)) in fields.iter().enumerate() {
        last.insert(name.clone(), at);
    }
    if last.len() == fields.len() {
        return fields;
    }
    let fields = fields.into_iter().enumerate();
    let kept = fields.filter(|(at, (name, _))| last.get(name) == Some(at));
    let mut kept: Vec<_> = kept.map(|(_, field)| field).collect();
    // Collected in place, it has the room of all that there were.
    kept.shrink_to_fit();
    kept
}
