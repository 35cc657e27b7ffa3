//! What the other side says of an error: found in its answer, and cleaned before people see it.

use super::json::{checked, find, scalar};
use common::json::raw::{self, Object};

/// Longest part of it that is kept, in characters.
const MAX_CHARS: usize = 300;
/// Words longer than this may be keys.
const MAX_WORD_CHARS: usize = 60;
/// How much of a body is looked at, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Shorter secrets are no secrets, and parts of common words.
const MIN_SECRET_BYTES: usize = 4;

/// Where APIs put their sentence, the most telling first: RFC 6749 §5.2, RFC 9457 §3, JSON:API, GraphQL, and the
/// habits of others.
const PLACES: [&str; 17] = [
    "error_description",
    "error.message",
    "error.description",
    "error.detail",
    "error.title",
    "message",
    "detail",
    "errors[0].message",
    "errors[0].detail",
    "errors[0].title",
    "errors[0]",
    "errors",
    "description",
    "error",
    "title",
    "reason",
    "error_message",
];

/// What an answer says of what went wrong, where it does.
pub(super) fn of(body: &[u8]) -> Option<String> {
    let body = body.get(..MAX_BYTES).unwrap_or(body);
    if let Some(json) = checked(body) {
        return of_json(&json);
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if !text.starts_with('<') {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let begin = lower.find("<title>")? + "<title>".len();
    let end = begin + lower.get(begin..)?.find("</title>")?;
    text.get(begin..end).map(str::to_owned)
}

fn of_json(json: &str) -> Option<String> {
    // Some answer with a list of errors, and nothing around it.
    let first = raw::items(json).first().copied();
    let json = first.unwrap_or(json);
    if json.starts_with('"') {
        return scalar(json);
    }
    let object = raw::part(json);
    said(&object)
}

/// The sentence of an object that tells of an error.
pub(super) fn said(object: &Object<'_>) -> Option<String> {
    let texts = PLACES.iter().filter_map(|place| find(object, place));
    let mut texts = texts.filter(|value| value.starts_with('"'));
    if let Some(text) = texts.find_map(scalar) {
        return Some(text);
    }
    // Errors by field: `{"errors": {"email": ["is taken"]}}`.
    let fields = raw::part(find(object, "errors")?);
    let (field, value) = fields.iter().next()?;
    let value = raw::items(value).first().copied().unwrap_or(value);
    Some([field, ": ", &*scalar(value)?].concat())
}

/// A text without secrets.
pub(super) fn without(text: &str, secrets: &[String]) -> String {
    let mut secrets: Vec<_> = secrets
        .iter()
        .filter(|secret| secret.len() >= MIN_SECRET_BYTES)
        .collect();
    // A secret may be part of another.
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in secrets {
        text = text.replace(secret.as_str(), "***");
    }
    text
}

/// A text without the tags that stand in it.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag = behind.starts_with(|c: char| c == '/' || c == '!' || c.is_ascii_alphabetic());
        match behind.split_once('>').filter(|_| is_tag) {
            Some((_, after)) => {
                plain.push(' ');
                rest = after;
            }
            None => {
                plain.push('<');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// A text without secrets, tags, control characters and what may be a key; at most 300 characters of it.
pub(super) fn cleaned(text: &str, secrets: &[String]) -> String {
    let text = without_markup(&without(text, secrets));
    let mut cleaned = String::with_capacity(text.len().min(4 * MAX_CHARS));
    let mut is_behind_bearer = false;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !cleaned.is_empty() {
            cleaned.push(' ');
        }
        let is_address = word.contains("https://") || word.contains("http://");
        let divides = |c: char| "\"',;()<>=&:?".contains(c) || is_address && c == '/';
        let is_key = is_behind_bearer
            || word
                .split(divides)
                .any(|part| part.len() > MAX_WORD_CHARS || part.starts_with("eyJ"));
        cleaned.push_str(if is_key { "***" } else { word });
        let bare = word.trim_matches(['"', '\'', ':', ',']);
        is_behind_bearer =
            bare.eq_ignore_ascii_case("bearer") || bare.eq_ignore_ascii_case("basic");
    }
    match cleaned.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => cleaned.get(..end).unwrap_or_default().to_owned(),
        None => cleaned,
    }
}
