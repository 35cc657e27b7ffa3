//! JSON of which a few fields are looked at, each whatever it is. serde_json checks that it is JSON,
//! and reads nothing: all that it reads it reads by way of numbers with fractions, which weigh half
//! as much as the rest of a small function.

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// An object of a few fields, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields<V>(Vec<(String, V)>);

/// An object, its values not yet read.
pub type Object<'j> = Fields<&'j str>;

impl<V> Fields<V> {
    /// Without any field.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A field's value; of one that came twice the last, as JavaScript reads it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// The fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Puts a field in the place of what had its name, or at the end.
    pub fn insert(&mut self, name: &str, value: V) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }
}

impl Fields<&str> {
    /// The text of a field; `None` where it is missing or none.
    pub fn text(&self, name: &str) -> Option<String> {
        text(self.get(name)?)
    }
}

impl<V> Default for Fields<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> IntoIterator for Fields<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V: Serialize> Serialize for Fields<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// An object; `None` for any other value.
///
/// # Errors
/// The error of serde_json for invalid JSON.
pub fn checked_object(json: &str) -> serde_json::Result<Option<Object<'_>>> {
    let value: &RawValue = serde_json::from_str(json)?;
    Ok(fields_of(value.get()))
}

/// An object; `None` for anything else.
pub fn object(json: &str) -> Option<Object<'_>> {
    checked_object(json).ok().flatten()
}

/// The items of an array; `None` for anything else.
pub fn list(json: &str) -> Option<Vec<&str>> {
    let value: &RawValue = serde_json::from_str(json).ok()?;
    let mut items = Vec::new();
    let mut rest = trimmed(value.get().strip_prefix('[')?);
    while !rest.starts_with(']') {
        rest = trimmed(rest.strip_prefix(',').unwrap_or(rest));
        let (item, after) = rest.split_at_checked(length_of_value(rest))?;
        items.push(item);
        rest = trimmed(after);
    }
    Some(items)
}

/// An object of texts; `None` for anything else.
pub fn texts(json: &str) -> Option<Fields<String>> {
    let fields = object(json)?;
    let read = |(name, value): (&str, &&str)| Some((name.to_owned(), text(value)?));
    fields.iter().map(read).collect::<Option<_>>().map(Fields)
}

/// A text; `None` for any other value.
pub fn text(value: &str) -> Option<String> {
    let mut rest = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(rest.len());
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut behind = escape.chars();
        text.push(match behind.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (c, length) = code_point(escape)?;
                behind = escape.get(length..)?.chars();
                c
            }
            itself => itself,
        });
        rest = behind.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// A text that is written without escapes, borrowed; `None` for any other value.
pub fn plain_text(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

/// An integer as written; `None` for any other value.
pub fn integer(value: &str) -> Option<&str> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_whole.then_some(value)
}

/// The character of `u1234`, or of a pair `uD83D\uDE00`, and how long it is written; `None` for
/// half a pair.
fn code_point(escape: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u16::from_str_radix(escape.get(at..at + 4)?, 16).ok();
    let first = unit(1)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some((c, 5));
    }
    let second = escape
        .get(5..7)
        .filter(|next| *next == "\\u")
        .and(unit(7))?;
    let c = char::decode_utf16([first, second]).next()?.ok()?;
    Some((c, 11))
}

/// Splits an object into its fields. The text must be valid JSON already.
fn fields_of(json: &str) -> Option<Object<'_>> {
    let mut fields = Vec::new();
    let mut rest = trimmed(json.strip_prefix('{')?);
    while !rest.starts_with('}') {
        rest = trimmed(rest.strip_prefix(',').unwrap_or(rest));
        let (name, after) = rest.split_at_checked(length_of_value(rest))?;
        let value = trimmed(trimmed(after).strip_prefix(':')?);
        let (value, after) = value.split_at_checked(length_of_value(value))?;
        fields.push((text(name)?, value));
        rest = trimmed(after);
    }
    Some(Fields(fields))
}

/// The items of a list, undecoded; empty for any other value. The text must be valid JSON already.
pub fn items(json: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let Some(rest) = json.strip_prefix('[') else {
        return items;
    };
    let mut rest = trimmed(rest);
    while !rest.is_empty() && !rest.starts_with(']') {
        rest = trimmed(rest.strip_prefix(',').unwrap_or(rest));
        let Some((item, after)) = rest.split_at_checked(length_of_value(rest)) else {
            return items;
        };
        items.push(item);
        rest = trimmed(after);
    }
    items
}

/// An object that is part of what serde_json has found to be JSON; without fields for any other
/// value.
pub fn part(json: &str) -> Object<'_> {
    fields_of(json).unwrap_or_default()
}

fn trimmed(json: &str) -> &str {
    json.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// The length of the value at the start of the text.
fn length_of_value(json: &str) -> usize {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                is_text = !is_text;
                if !is_text && depth == 0 {
                    return at + 1;
                }
            }
            _ if is_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' => return at + depth,
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_taken_apart_as_serde_json_does() {
        let json = " {\"a\" : \"x\\\"},\" , \"b\":[1,{\"c\":\"]}\"}],\"d\":{ } ,\"e\":-12\n,\"f\":null, \
                    \"g\":[],\"h\": true,\"\\u00e9\":1.5e3} ";
        let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
        let fields = object(json).unwrap();
        assert_eq!(fields.iter().count(), whole.len());
        for (name, value) in fields.iter() {
            let value: serde_json::Value = serde_json::from_str(value).unwrap();
            assert_eq!(value, whole[name], "{name}");
        }
        for other in [
            "",
            "[]",
            "1",
            "{",
            "{\"a\"}",
            "{\"a\":1,}",
            "{} x",
            "{\"a\":01}",
        ] {
            assert!(object(other).is_none(), "{other}");
        }
        let list = items("[ 1,{\"a\":[2,3]} , \"]\",[] ]");
        assert_eq!(list, ["1", "{\"a\":[2,3]}", "\"]\"", "[]"]);
        assert!(items("[]").is_empty() && items("7").is_empty());
        assert!(object("{}").is_some_and(|fields| fields.iter().count() == 0));
    }

    #[test]
    fn a_text_is_read_as_serde_json_does() {
        for value in [
            r#""""#,
            r#""plain é 😀""#,
            r#""\" \\ \/ \b\f\n\r\t""#,
            r#""\u0041\u00e9\u20ac""#,
            r#""\ud83d\ude00!""#,
        ] {
            let expected: String = serde_json::from_str(value).unwrap();
            assert_eq!(text(value).as_deref(), Some(expected.as_str()), "{value}");
        }
        for value in [
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ude00\ud83d""#,
            "1",
            "null",
            "[]",
        ] {
            assert_eq!(text(value), None, "{value}");
        }
        assert_eq!(
            (integer("-12"), integer("1.5"), integer("\"1\"")),
            (Some("-12"), None, None)
        );
    }

    #[test]
    fn an_array_is_taken_apart_as_serde_json_does() {
        for json in ["[]", " [ ] ", r#"[1, "a,b]" ,[2,{"c":"]"}] , null,{}]"#] {
            let whole: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
            let items = list(json).unwrap().into_iter();
            let items: Vec<serde_json::Value> = items
                .map(|item| serde_json::from_str(item).unwrap())
                .collect();
            assert_eq!(items, whole, "{json}");
        }
        for other in ["", "{}", "1", "[", "[1,]", "null", r#""[""#] {
            assert_eq!(list(other), None, "{other}");
        }
    }

    #[test]
    fn the_last_of_two_fields_of_one_name_counts() {
        let fields = object(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(fields.get("a").copied(), Some("2"));
    }
}
