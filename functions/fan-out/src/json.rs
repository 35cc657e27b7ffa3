//! JSON as JavaScript writes it. The guide's receivers verify a signature over
//! `JSON.stringify(req.body)`, so what we sign and send must be what that gives for it.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A key: a name of ours, or one that somebody chose.
pub(crate) type Key = Cow<'static, str>;

/// A JSON value, as JavaScript has it after `JSON.parse`: every number a double, every key once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Object),
}

/// An object; its keys in the order in which they were first named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object(Vec<(Key, Json)>);

impl Json {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The text.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => write_text(text, out),
            Self::Array(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }

    /// The object, where it is one.
    pub(crate) fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&Json>> for Json {
    fn from(value: Option<&Json>) -> Self {
        value.cloned().unwrap_or(Self::Null)
    }
}

impl Object {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }

    /// Sets a key, in its place where it is there already.
    pub(crate) fn set(&mut self, key: impl Into<Key>, value: impl Into<Json>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Sets every key of another.
    pub(crate) fn set_all(&mut self, other: Object) {
        for (key, value) in other.0 {
            self.set(key, value);
        }
    }

    /// Keeps these keys alone.
    pub(crate) fn retain(&mut self, keys: &[&str]) {
        self.0.retain(|(key, _)| keys.contains(&key.as_ref()));
    }

    /// Keys that are array indices come first, in their numbers' order (ECMA-262,
    /// OrdinaryOwnPropertyKeys).
    fn write(&self, out: &mut String) {
        // A tree, which weighs less in WASM than a sort.
        let index = |entry: &'_ (Key, Json)| array_index(&entry.0);
        let first: BTreeMap<u32, &(Key, Json)> = self
            .0
            .iter()
            .filter_map(|entry| Some((index(entry)?, entry)))
            .collect();
        let rest = self.0.iter().filter(|(key, _)| array_index(key).is_none());
        out.push('{');
        for (n, (key, value)) in first.into_values().chain(rest).enumerate() {
            if n > 0 {
                out.push(',');
            }
            write_text(key, out);
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// The number of a key that is an array index: canonical, below 2^32 - 1.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || !key.starts_with('0') && key.bytes().all(|b| b.is_ascii_digit());
    let index = key.parse().ok().filter(|_| canonical)?;
    (index < u32::MAX).then_some(index)
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match escape(c) {
            Some(letter) => out.extend(['\\', letter]),
            None if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            None => out.push(c),
        }
    }
    out.push('"');
}

/// The letter behind the backslash, of a character that has one (ECMA-262, QuoteJSONString).
fn escape(c: char) -> Option<char> {
    match c {
        '"' | '\\' => Some(c),
        '\u{8}' => Some('b'),
        '\t' => Some('t'),
        '\n' => Some('n'),
        '\u{c}' => Some('f'),
        '\r' => Some('r'),
        _ => None,
    }
}

/// How many bytes a character takes within a text.
pub(crate) fn written_len(c: char) -> usize {
    match escape(c) {
        Some(_) => 2,
        None if c < ' ' => 6,
        None => c.len_utf8(),
    }
}

/// ECMA-262, Number::toString. Rust's digits are the same: the fewest that read back, and of those
/// the nearest.
fn write_number(number: f64, out: &mut String) {
    if number == 0.0 {
        // Minus nought as well.
        return out.push('0');
    }
    if number < 0.0 {
        out.push('-');
    }
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or_default());
    if count <= point && point <= 21 {
        out.push_str(&digits);
        out.push_str(&zeros(point - count));
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
        out.extend([whole, ".", fraction]);
    } else if -6 < point && point <= 0 {
        out.extend(["0.", &zeros(-point), &digits]);
    } else {
        let sign = if point > 0 { "+" } else { "-" };
        out.extend([mantissa, "e", sign, &(point - 1).unsigned_abs().to_string()]);
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            #[expect(clippy::cast_precision_loss, reason = "JavaScript loses the same")]
            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value as f64))
            }
            #[expect(clippy::cast_precision_loss, reason = "JavaScript loses the same")]
            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Number(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<Json, E> {
                Ok(Json::Text(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut array = Vec::new();
                while let Some(item) = items.next_element()? {
                    array.push(item);
                }
                Ok(Json::Array(array))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
                let mut object: Vec<(Key, Json)> = Vec::new();
                let mut places: HashMap<String, usize> = HashMap::new();
                while let Some((key, value)) = entries.next_entry::<String, Json>()? {
                    match places.get(&key).and_then(|n| object.get_mut(*n)) {
                        // As JavaScript: in the place of the first, the value of the last.
                        Some((_, old)) => *old = value,
                        None => {
                            places.insert(key.clone(), object.len());
                            object.push((key.into(), value));
                        }
                    }
                }
                Ok(Json::Object(Object(object)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests;
