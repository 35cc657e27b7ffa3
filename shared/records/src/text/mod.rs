//! Texts of strangers: without what cannot be seen, without markup, in words, in pieces.

mod cut;
mod entities;
mod markup;

pub(crate) use cut::pieces;
pub(crate) use entities::decoded;
pub(crate) use markup::{html_as_markdown, without_markup};

/// Whether a character shows nothing and may hide or turn what is shown: control characters, marks that reverse the
/// direction of writing, tags, the byte order mark. Joiners stay, since scripts and emoji need them.
pub(crate) fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text without hidden characters.
pub(crate) fn visible(text: String) -> String {
    match text.chars().any(is_hidden) {
        true => text.chars().filter(|c| !is_hidden(*c)).collect(),
        false => text,
    }
}

/// The text in one line: each run of white space is one space.
pub(crate) fn in_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The first characters of a text, with `…` where some are left out.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => {
            let kept = text.chars().take(max.saturating_sub(1));
            kept.chain(['…']).collect()
        }
    }
}

/// As much of a text as so many bytes hold, whole characters.
pub(crate) fn within_bytes(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The words of a field's name, in lower case: `supportLevel`, `support_level` and `Support Level` have the same. At
/// most twelve; nobody names a field by more.
pub(crate) fn words_of_name(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = name.chars().take(128).peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let begins = c.is_uppercase()
            && (before.is_lowercase()
                || before.is_ascii_digit()
                || (before.is_uppercase() && next_is_lower));
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.truncate(12);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_words() {
        for (name, words) in [
            ("supportLevel", "support level"),
            ("support_level", "support level"),
            ("CustomerID", "customer id"),
            ("APIKey", "api key"),
            ("E-Mail Address", "e mail address"),
            ("email2", "email2"),
            ("", ""),
        ] {
            assert_eq!(words_of_name(name).join(" "), words);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_dropped_and_joiners_stay() {
        let text = visible("a\u{0}b\u{202e}c\u{e0041}\n👨\u{200d}👩 \u{1b}[31m".to_owned());
        assert_eq!(text, "abc\n👨\u{200d}👩 [31m");
        assert_eq!(in_one_line(" a \n\n b\tc "), "a b c");
        assert_eq!(
            (shortened("abcd", 4), shortened("abcde", 4)),
            ("abcd".into(), "abc…".into())
        );
        assert_eq!(within_bytes("aé", 2), "a");
    }
}
