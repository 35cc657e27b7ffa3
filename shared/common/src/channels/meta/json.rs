//! Reading JSON that may hold anything: ids as text or number, fields that are missing or new.

use crate::time::{SECOND, Timestamp};
use serde_json::Value as Json;

/// The text of a field; a number is its digits. Empty is absent.
pub(super) fn text(value: &Json, field: &str) -> Option<String> {
    match value.get(field)? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The items of a list; of anything else none.
pub(super) fn items<'j>(value: &'j Json, field: &str) -> impl Iterator<Item = &'j Json> {
    let list = value.get(field).and_then(Json::as_array);
    list.into_iter().flatten()
}

/// Seconds since 1970, as text or number.
pub(super) fn seconds(value: &Json, field: &str) -> Option<Timestamp> {
    let seconds: i64 = text(value, field)?.parse().ok()?;
    let micros = seconds.checked_mul(SECOND)?;
    // The year 2255 is the last that crosses as a JavaScript number.
    (0..1 << 53)
        .contains(&micros)
        .then(|| Timestamp::from_micros(micros))
}

/// Parses a body. Half a surrogate pair, which a text cut in the middle of an emoji leaves, is
/// replaced rather than refused: the provider would send the same again for days.
pub(super) fn parse(body: &[u8]) -> Option<Json> {
    if let Ok(json) = serde_json::from_slice(body) {
        return Some(json);
    }
    serde_json::from_slice(mended(&String::from_utf8_lossy(body)).as_bytes()).ok()
}

/// The text with each escape of half a surrogate pair replaced by U+FFFD.
fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
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
            mended.push_str("\\ufffd");
            rest = escape.get(6..).unwrap_or_default();
        } else {
            let (kept, after) = escape.split_at(length.min(escape.len()));
            mended.push_str(kept);
            rest = after;
        }
    }
    mended.push_str(rest);
    mended
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
            br#"{"a":"x\ud83dy","b":"\ud83d\ude00","c":"\ude00","d":"\\ud83d","e":"\u00e4"}"#;
        let json = parse(body).unwrap();
        assert_eq!(json["a"], "x\u{fffd}y");
        assert_eq!(json["b"], "😀");
        assert_eq!(json["c"], "\u{fffd}");
        assert_eq!(json["d"], "\\ud83d");
        assert_eq!(json["e"], "ä");
        assert!(parse(b"{").is_none());
    }

    #[test]
    fn ids_and_times_come_as_text_or_number() {
        let json = parse(br#"{"a":"12","b":12,"c":"","d":null,"t":1700000000,"u":"x"}"#).unwrap();
        assert_eq!(text(&json, "a"), text(&json, "b"));
        assert_eq!(text(&json, "c"), None);
        assert_eq!(text(&json, "d"), None);
        assert_eq!(seconds(&json, "t").unwrap().micros(), 1_700_000_000_000_000);
        assert_eq!(seconds(&json, "u"), None);
    }
}
