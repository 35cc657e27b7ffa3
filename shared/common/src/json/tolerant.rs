//! Tolerant reading of JSON that providers send: ids come as text or number, fields are missing or new.
//! Built on `raw`, which decodes only the fields that are looked at.

use super::raw;
use crate::time::{SECOND, Timestamp};
use serde_json::value::RawValue;
use std::borrow::Cow;

pub use super::raw::Object;

/// The text of a field, or a number as written; `None` where it is missing or empty.
pub fn text(object: &Object<'_>, field: &str) -> Option<String> {
    let value = object.get(field)?;
    match value.starts_with('"') {
        true => raw::text(value).filter(|text| !text.is_empty()),
        false => is_number(value).then(|| (*value).to_owned()),
    }
}

/// Whether a value is a number.
pub fn is_number(value: &str) -> bool {
    value.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// A field that is an object; an empty object where it is missing or of another type.
pub fn child<'j>(object: &Object<'j>, field: &str) -> Object<'j> {
    object
        .get(field)
        .map(|value| raw::part(value))
        .unwrap_or_default()
}

/// The objects in a list; an item of another type becomes an empty object.
pub fn objects<'j>(object: &Object<'j>, field: &str) -> Vec<Object<'j>> {
    let items = object.get(field).map(|value| raw::items(value));
    items
        .unwrap_or_default()
        .into_iter()
        .map(raw::part)
        .collect()
}

/// Seconds since 1970, as text or number.
pub fn seconds(object: &Object<'_>, field: &str) -> Option<Timestamp> {
    time(object, field, SECOND)
}

/// Milliseconds since 1970, as text or number.
pub fn millis(object: &Object<'_>, field: &str) -> Option<Timestamp> {
    time(object, field, SECOND / 1000)
}

fn time(object: &Object<'_>, field: &str, unit: i64) -> Option<Timestamp> {
    let units: i64 = text(object, field)?.parse().ok()?;
    let micros = units.checked_mul(unit)?;
    // The year 2255 is the last that crosses as a JavaScript number.
    (0..1 << 53)
        .contains(&micros)
        .then(|| Timestamp::from_micros(micros))
}

/// A text as JSON; `null` for `None`.
pub fn quoted(text: Option<&str>) -> String {
    serde_json::to_string(&text).unwrap_or_default()
}

/// The text of a body that is JSON. Half a surrogate pair, which a text cut in the middle of an
/// emoji leaves, is replaced rather than refused: the provider would send the same again for days.
pub fn checked(body: &[u8]) -> Option<String> {
    Some(checked_text(body)?.trim_start().to_owned())
}

/// As [`checked`], but copies only where something is replaced, since a mail with its files may be
/// large. Leading white space stays.
pub fn checked_text(body: &[u8]) -> Option<Cow<'_, str>> {
    let text = String::from_utf8_lossy(body);
    let _: &RawValue = serde_json::from_str(&text).ok()?;
    Some(match text.contains("\\ud") || text.contains("\\uD") {
        true => Cow::Owned(sanitize_surrogates(&text)),
        false => text,
    })
}

/// The text with each escape of half a surrogate pair replaced by U+FFFD.
fn sanitize_surrogates(text: &str) -> String {
    let mut sanitized = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        sanitized.push_str(before);
        let length = match unit(escape) {
            None => escape.chars().nth(1).map_or(1, |next| 1 + next.len_utf8()),
            Some(0xd800..=0xdbff) => match escape.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => 12,
                _ => 0,
            },
            Some(0xdc00..=0xdfff) => 0,
            Some(_) => 6,
        };
        if length == 0 {
            sanitized.push_str("\\ufffd");
            rest = escape.get(6..).unwrap_or_default();
        } else {
            let (kept, after) = escape.split_at(length.min(escape.len()));
            sanitized.push_str(kept);
            rest = after;
        }
    }
    sanitized.push_str(rest);
    sanitized
}

/// The code unit of a `\u` with four digits that the text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_nothing_else_is() {
        let body =
            br#" {"a":"x\ud83dy","b":"\ud83d\ude00","c":"\ude00","d":"\\ud83d","e":"\u00e4"}"#;
        let json = checked(body).unwrap();
        let object = raw::part(&json);
        let value_of = |field| text(&object, field).unwrap();
        assert_eq!(value_of("a"), "x\u{fffd}y");
        assert_eq!(value_of("b"), "😀");
        assert_eq!(value_of("c"), "\u{fffd}");
        assert_eq!(value_of("d"), "\\ud83d");
        assert_eq!(value_of("e"), "ä");
        assert!(checked(b"{").is_none() && checked(b"{} {}").is_none());
    }

    #[test]
    fn ids_and_times_come_as_text_or_number() {
        let json = r#"{"a":"12","b":12,"c":"","d":null,"t":1700000000,"u":"x","v":true}"#;
        let object = raw::part(json);
        assert_eq!(text(&object, "a"), text(&object, "b"));
        for none in ["c", "d", "v", "w"] {
            assert_eq!(text(&object, none), None);
        }
        let at = seconds(&object, "t").unwrap();
        assert_eq!(at.micros(), 1_700_000_000_000_000);
        assert_eq!(seconds(&object, "u"), None);
    }
}
