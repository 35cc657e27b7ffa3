//! Secrets and numbers that nobody should read again: found by a field's name or by their look, and masked.

mod cards;
mod names;
mod numbers;
mod tokens;

pub(crate) use names::{Field, is_secret};

/// What stands for a masked value.
pub(crate) const MASK: &str = "***";

/// A stretch of a text and what stands for it.
pub(crate) struct Span {
    start: usize,
    end: usize,
    shown: String,
}

impl Span {
    fn hidden(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            shown: MASK.to_owned(),
        }
    }
}

/// A free text with what looks secret masked, and how many times; `None` where nothing does. Looked for: card numbers
/// (by their lengths, their issuers and Luhn's sum), US social security numbers, IBANs (by country, length and sum),
/// keys of known vendors, JWTs, private keys, passwords in URLs, and what follows words such as `password:`.
#[must_use]
pub fn masked_text(text: &str) -> Option<(String, u32)> {
    masked(text, Field::Plain)
}

/// As [`masked_text`], for the value of a field whose name says what kind of value it is.
pub(crate) fn masked(text: &str, field: Field) -> Option<(String, u32)> {
    let mut spans = tokens::spans(text);
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        spans.extend(cards::spans(text, field));
        spans.extend(numbers::spans(text, field));
    }
    if spans.is_empty() {
        return None;
    }
    spans.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let (mut out, mut at, mut count) = (String::with_capacity(text.len()), 0, 0);
    for span in spans {
        // Of two that overlap the first; the rest of the second goes as well.
        if span.start >= at {
            out.push_str(text.get(at..span.start).unwrap_or_default());
            out.push_str(&span.shown);
            count += 1;
        }
        at = at.max(span.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some((out, count))
}

/// The characters directly before and behind a stretch.
fn around(text: &str, start: usize, end: usize) -> (Option<char>, Option<char>) {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let behind = text.get(end..).and_then(|text| text.chars().next());
    (before, behind)
}

/// The last word before a byte, in lower case, if it is near: only white space, `:`, `#`, `.`, `=` and `-` between.
fn word_before(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let near = before.trim_end_matches([' ', ':', '#', '.', '=', '-', '\n', '\t']);
    let start = near
        .char_indices()
        .rev()
        .take(20)
        .take_while(|(_, c)| c.is_alphanumeric())
        .last()
        .map_or(near.len(), |(at, _)| at);
    near.get(start..).unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests;
