//! What is embedded of a value: its words, without what means nothing to a model (ids, numbers, addresses of pages, times).

use super::is_masked_whole;
use super::leaves::Leaf;
use crate::text::words_of_name;

/// From how many words on a text is a vector of its own, too.
const FREE_TEXT_WORDS: usize = 4;

/// What is embedded of a chunk that is stored, as its record had it: read from its lines, so that another model can
/// embed it without the record. `path` is where the record stood. A text `true` or `false` is taken for a truth value.
#[must_use]
pub fn embedded_texts(link: &str, path: &str, text: &str) -> Vec<String> {
    let (mut fields, mut free) = (Vec::new(), Vec::new());
    for (leaf, value) in values(path, text) {
        let sentences = sentences(&leaf, value);
        if sentences.is_empty() {
            fields.extend(field(&leaf, value));
        }
        free.extend(sentences);
    }
    joined(link, &fields).into_iter().chain(free).collect()
}

/// What is embedded of a chunk that is stored by a model that reads a text as a whole: all that means something, also
/// what [`embedded_texts`] has sentence by sentence. Nothing where nothing does.
#[must_use]
pub fn embedded_whole(link: &str, path: &str, text: &str) -> Option<String> {
    let fields: Vec<String> = values(path, text)
        .filter_map(|(leaf, value)| field(&leaf, value))
        .collect();
    joined(link, &fields)
}

/// The values of a chunk that is stored.
fn values<'t>(path: &'t str, text: &'t str) -> impl Iterator<Item = (Leaf, &'t str)> {
    text.lines().filter_map(move |line| {
        let (place, value) = line.strip_prefix(path).unwrap_or(line).split_once(": ")?;
        let leaf = Leaf {
            path: String::new(),
            source: String::new(),
            name: name_in(place).to_owned(),
            value: String::new(),
            is_text: !matches!(value, "true" | "false"),
        };
        Some((leaf, value))
    })
}

/// The name of a value by its path as it is shown: its own, or that of the list in which it is.
fn name_in(place: &str) -> &str {
    let names = place.rsplit('.');
    let mut names = names
        .map(|step| step.split('[').next().unwrap_or_default())
        .filter(|name| !name.is_empty());
    let last = names.next().unwrap_or_default();
    match last {
        "value" => names.next().unwrap_or(last),
        _ => last,
    }
}

/// The fields of a chunk as one text, behind the link's name; nothing where none means anything.
pub(super) fn joined(link: &str, fields: &[impl AsRef<str>]) -> Option<String> {
    let own = (!link.is_empty()).then_some(link).into_iter();
    let parts: Vec<&str> = own.chain(fields.iter().map(AsRef::as_ref)).collect();
    (!fields.is_empty()).then(|| parts.join(". "))
}

/// A value as `support level: Gold`; `None` where it means nothing.
pub(super) fn field(leaf: &Leaf, value: &str) -> Option<String> {
    if !leaf.is_text || is_masked_whole(value) || !has_meaning(value) {
        return None;
    }
    Some(match words_of_name(&leaf.name).join(" ") {
        name if name.is_empty() => value.to_owned(),
        name => format!("{name}: {value}"),
    })
}

/// Most sentences of a value that are vectors of their own; the last one has the rest.
const MAX_SENTENCES: usize = 16;
/// From how many words on a sentence is one; a shorter one goes with its neighbour.
const SENTENCE_WORDS: usize = 3;

/// The sentences of a value that is a text of its own: a note, a description. Each is embedded alone, since the mean of
/// several that speak of different things is near none of them (`scripts/bench search`).
pub(super) fn sentences(leaf: &Leaf, value: &str) -> Vec<String> {
    let has_words = |text: &str, count: usize| text.split(' ').nth(count - 1).is_some();
    if !leaf.is_text || !has_meaning(value) || !has_words(value, FREE_TEXT_WORDS) {
        return Vec::new();
    }
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '\u{3002}');
    let parts = value.split_inclusive(ends).map(str::trim);
    let is_short = |text: &str| !has_words(text, SENTENCE_WORDS);
    let mut sentences: Vec<String> = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let is_last = sentences.len() >= MAX_SENTENCES;
        match sentences.last_mut() {
            Some(last) if is_last || is_short(last) || is_short(part) => {
                last.push(' ');
                last.push_str(part);
            }
            _ => sentences.push(part.to_owned()),
        }
    }
    sentences
}

/// Whether a value says something by its words. Not ids (one word of six characters or more with a digit in it), not
/// URLs, not times, not numbers.
fn has_meaning(value: &str) -> bool {
    let is_one_word = !value.contains(' ');
    let has_digit = || value.bytes().any(|byte| byte.is_ascii_digit());
    let is_opaque = is_one_word && value.chars().nth(5).is_some() && has_digit();
    let is_url = is_one_word && (value.contains("://") || value.starts_with("www."));
    value.chars().any(char::is_alphabetic) && !is_opaque && !is_url && !is_time(value)
}

/// Whether a value is a time as ISO 8601 has it, with a space in its middle.
fn is_time(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    value.len() <= 35
        && (0..4).all(is_digit)
        && bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-')
        && is_digit(8)
}
