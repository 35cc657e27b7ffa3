//! Looking a few values up in a body that may be large: what is not on the way to them is passed over unread.

use common::json::raw::{self, Object};
use common::json::tolerant;
use std::borrow::Cow;

/// The text of a body that is JSON, without white space and byte order mark before it.
pub(super) fn checked(body: &[u8]) -> Option<Cow<'_, str>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    tolerant::checked_text(body.trim_ascii())
}

/// The value at a path of an object: names and places in lists, divided by dots, or places in brackets. A name may
/// have dots itself. `null` is nothing.
pub(super) fn find<'j>(object: &Object<'j>, path: &str) -> Option<&'j str> {
    let path = path.strip_prefix("$.").unwrap_or(path);
    if let Some(value) = object.get(path) {
        return some(value);
    }
    let at = path.find(['.', '['])?;
    let (name, rest) = path.split_at_checked(at)?;
    within(object.get(name)?, rest)
}

/// The value at the rest of a path: it is empty, or begins with a dot or a bracket.
fn within<'j>(value: &'j str, path: &str) -> Option<&'j str> {
    if path.is_empty() {
        return some(value);
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (place, rest) = rest.split_once(']')?;
        return within(item(value, place)?, rest);
    }
    let rest = path.strip_prefix('.')?;
    if value.starts_with('{') {
        return find(&raw::part(value), rest);
    }
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (place, rest) = rest.split_at_checked(end)?;
    within(item(value, place)?, rest)
}

fn item<'j>(list: &'j str, place: &str) -> Option<&'j str> {
    let place: usize = place.parse().ok()?;
    raw::items(list).get(place).copied()
}

fn some(value: &str) -> Option<&str> {
    (value != "null").then_some(value)
}

/// A text or a number, as a text; `None` where it is empty or something else.
pub(super) fn scalar(value: &str) -> Option<String> {
    match value.starts_with('"') {
        true => raw::text(value).filter(|text| !text.is_empty()),
        false => tolerant::is_number(value).then(|| value.to_owned()),
    }
}

/// A whole number from zero on, also as a text.
pub(super) fn whole(value: &str) -> Option<u64> {
    value.trim_matches('"').parse().ok()
}
