//! BERT's uncased tokeniser, up to the words: what `words` of table/make_table.py does.

use crate::unicode::{is_other, is_punctuation, push_without_marks};

/// Calls a function with each word of a text, in order: without marks and in lower case; punctuation characters and
/// ideographs are words of their own.
pub fn each_word(text: &str, mut word: impl FnMut(&str)) {
    // As a whole, since a sigma's form depends on what stands around it.
    let clean = cleaned(text).to_lowercase();
    for part in clean.split_whitespace() {
        let mut rest = part;
        while let Some(at) = rest.find(is_punctuation) {
            let (before, from) = rest.split_at(at);
            let length = from.chars().next().map_or(0, char::len_utf8);
            let (mark, after) = from.split_at(length);
            if !before.is_empty() {
                word(before);
            }
            word(mark);
            rest = after;
        }
        if !rest.is_empty() {
            word(rest);
        }
    }
}

/// Without marks and whatever is not shown, and with ideographs standing alone.
fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffd}' => {}
            _ if is_other(c) => {}
            _ if c.is_whitespace() => out.push(' '),
            _ if is_ideograph(c) => {
                out.push(' ');
                push_without_marks(&mut out, c);
                out.push(' ');
            }
            _ => push_without_marks(&mut out, c),
        }
    }
    out
}

/// The blocks that BERT takes for Chinese.
const fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}
