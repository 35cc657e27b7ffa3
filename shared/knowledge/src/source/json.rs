//! Looking a few values up in a body that may be large: what is not on the way to them is passed over unread.

use common::json::raw::{self, Object};
use common::json::tolerant;
use std::borrow::Cow;

/// The largest body that is looked through where it has faults as UTF-8: each may become three times as long.
const MAX_FAULTY: usize = 4 * 1024 * 1024;
/// Most fields of an object that is looked into: what is around records has a few.
const MAX_FIELDS: usize = 2_000;
/// Most items of a list: as many as a link may have records.
const MAX_ITEMS: usize = 50_000;

/// The text of a body that is JSON, without white space and byte order mark before it.
pub(super) fn checked(body: &[u8]) -> Option<Cow<'_, str>> {
    if body.len() > MAX_FAULTY && std::str::from_utf8(body).is_err() {
        return None;
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    tolerant::checked_text(body.trim_ascii())
}

/// The fields of an object; none of anything else, and of one that has too many.
pub(super) fn part(value: &str) -> Object<'_> {
    match has_more_than(value, MAX_FIELDS) {
        true => Object::default(),
        false => raw::part(value),
    }
}

/// The items of a list; none of anything else, and of one that has too many.
pub(super) fn items(value: &str) -> Vec<&str> {
    match has_more_than(value, MAX_ITEMS) {
        true => Vec::new(),
        false => raw::items(value),
    }
}

/// Whether a list or an object has more parts than that.
fn has_more_than(value: &str, most: usize) -> bool {
    let (mut depth, mut parts) = (0_usize, 1);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in value.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => parts += 1,
            _ => {}
        }
        if parts > most {
            return true;
        }
    }
    false
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
        return find(&part(value), rest);
    }
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (place, rest) = rest.split_at_checked(end)?;
    within(item(value, place)?, rest)
}

fn item<'j>(list: &'j str, place: &str) -> Option<&'j str> {
    let place: usize = place.parse().ok()?;
    items(list).get(place).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_too_many_parts_is_not_looked_into() {
        let list = |count: usize| format!("[{}[1,2]]", "{\"a,\\\"\":[1,2]},".repeat(count - 1));
        assert_eq!(items(&list(MAX_ITEMS)).len(), MAX_ITEMS);
        assert!(items(&list(MAX_ITEMS + 1)).is_empty());
        let object = |count: usize| {
            let fields: Vec<String> = (0..count).map(|n| format!("\"{n}\":[1,2]")).collect();
            format!("{{{}}}", fields.join(","))
        };
        assert_eq!(part(&object(MAX_FIELDS)).iter().count(), MAX_FIELDS);
        assert_eq!(part(&object(MAX_FIELDS + 1)).iter().count(), 0);
    }
}
