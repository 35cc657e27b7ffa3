//! What Chatwoot's JSON has in more than one form (chatwoot.md §2).

use common::json::raw;
use common::json::tolerant::{Object, child, text};
use common::time::{SECOND, Timestamp};

/// The attributes that mark a message as ours, with our id of it.
pub(crate) const MARK: &str = "tieline";

/// A time: a text (RFC 3339), or seconds since 1970, which may have a fraction. Zero is none.
pub(crate) fn moment(object: &Object<'_>, field: &str) -> Option<Timestamp> {
    let value = text(object, field)?;
    if let Some(at) = Timestamp::parse(&value) {
        return Some(at);
    }
    let (whole, fraction) = value.split_once('.').unwrap_or((&value, ""));
    let digits = fraction.get(..fraction.len().min(6))?;
    let micros: i64 = match digits {
        "" => 0,
        digits => format!("{digits:0<6}").parse().ok()?,
    };
    let whole: i64 = whole.parse().ok()?;
    // The year 2255 is the last that crosses as a JavaScript number.
    let at = whole.checked_mul(SECOND)?.checked_add(micros)?;
    (1..1 << 53)
        .contains(&at)
        .then(|| Timestamp::from_micros(at))
}

/// Attributes: an object, which relays in PHP write as `[]` and others as null or as a text.
pub(crate) fn attributes(object: &Object<'_>, field: &str) -> String {
    let Some(value) = object.get(field) else {
        return "{}".to_owned();
    };
    let inner = match value.starts_with('"') {
        true => raw::text(value).filter(|text| raw::object(text).is_some()),
        false => value.starts_with('{').then(|| (*value).to_owned()),
    };
    inner.unwrap_or_else(|| "{}".to_owned())
}

/// What a message is marked with, if it is ours.
pub(crate) fn mark_of(content_attributes: &str) -> Option<String> {
    text(&raw::part(content_attributes.trim()), MARK)
}

/// The text at the end of a path of objects.
pub(crate) fn text_at(object: &Object<'_>, path: &[&str]) -> Option<String> {
    let (last, before) = path.split_last()?;
    let holder = before
        .iter()
        .fold(object.clone(), |at, name| child(&at, name));
    text(&holder, last)
}

/// Whether a field is `true`, or the text of it.
pub(crate) fn is_true(object: &Object<'_>, field: &str) -> bool {
    matches!(object.get(field), Some(&"true" | &"\"true\""))
}

/// `+` and up to fifteen digits, as Chatwoot stores numbers; digits alone are given their plus.
pub(crate) fn e164(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number =
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_text_or_seconds_with_or_without_a_fraction() {
        let json = r#"{"iso":"2026-03-01T10:00:00.123Z","s":1772359200,"f":1772359200.12,"t":"1772359200",
            "long":1772359200.1234567,"zero":0,"null":null,"bad":"soon","list":[],"far":99999999999999}"#;
        let object = raw::part(json);
        let micros = |field| moment(&object, field).map(Timestamp::micros);
        assert_eq!(micros("s"), Some(1_772_359_200_000_000));
        assert_eq!(micros("t"), micros("s"));
        assert_eq!(micros("f"), Some(1_772_359_200_120_000));
        assert_eq!(micros("long"), Some(1_772_359_200_123_456));
        assert_eq!(micros("iso"), Some(1_772_359_200_123_000));
        for none in ["zero", "null", "bad", "list", "far", "missing"] {
            assert_eq!(micros(none), None, "{none}");
        }
    }

    #[test]
    fn attributes_are_an_object_whatever_stands_for_none() {
        let json = r#"{"a":{"x":1},"b":[],"c":null,"d":"{\"x\":1}","e":"text","f":7}"#;
        let object = raw::part(json);
        let of = |field| attributes(&object, field);
        assert_eq!(
            (of("a"), of("d")),
            (r#"{"x":1}"#.into(), r#"{"x":1}"#.into())
        );
        for none in ["b", "c", "e", "f", "missing"] {
            assert_eq!(of(none), "{}", "{none}");
        }
    }
}
