//! A text as long as a channel takes it.

use channels::TextLimit;

/// Whether one message takes a text.
pub(super) fn fits(text: &str, limit: TextLimit) -> bool {
    match limit {
        TextLimit::Characters(max) => text.chars().count() <= max,
        TextLimit::Bytes(max) => text.len() <= max,
    }
}

/// A text in parts that fit: cut at the last white space of the second half where there is one, else
/// between two characters, an emoji's parts kept together.
pub(super) fn split(text: &str, limit: TextLimit) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !fits(rest, limit) {
        let (part, after) = rest.split_at(cut(rest, limit));
        parts.push(part.trim_end());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

fn cut(text: &str, limit: TextLimit) -> usize {
    let end = match limit {
        TextLimit::Characters(max) => text.char_indices().nth(max).map_or(text.len(), |(n, _)| n),
        TextLimit::Bytes(max) => text.floor_char_boundary(max),
    };
    let head = text.get(..end).unwrap_or(text);
    if let Some(space) = head.rfind(char::is_whitespace)
        && space >= end / 2
    {
        return space;
    }
    let mut at = end;
    while at > 0 && joins(text, at) {
        at = text.floor_char_boundary(at - 1);
    }
    // A text of nothing but what joins has to be cut somewhere.
    if at == 0 { end.max(1) } else { at }
}

/// Whether what stands at this place belongs to the character before it.
fn joins(text: &str, at: usize) -> bool {
    const JOINER: char = '\u{200d}';
    let follows = |c: char| {
        matches!(c, JOINER | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}'
            | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}')
    };
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    next.is_some_and(follows) || before == Some(JOINER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_stays_whole() {
        assert_eq!(split("a b", TextLimit::Characters(3)), ["a b"]);
        assert_eq!(split("ä", TextLimit::Bytes(2)), ["ä"]);
    }

    #[test]
    fn a_long_text_is_cut_at_white_space_and_loses_no_word() {
        let text = "one two three four five six seven";
        let parts = split(text, TextLimit::Characters(12));
        assert!(parts.iter().all(|part| part.len() <= 12));
        assert_eq!(parts.join(" "), text);
    }

    #[test]
    fn bytes_are_counted_and_characters_stay_whole() {
        let text = "ö".repeat(1100);
        let parts = split(&text, TextLimit::Bytes(1000));
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= 1000));
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn an_emoji_of_several_characters_is_not_torn() {
        let family = "👩\u{200d}👩\u{200d}👧";
        let text = format!("{}{family}", "x".repeat(992));
        let parts = split(&text, TextLimit::Bytes(1000));
        assert_eq!(parts[1], family);
        let endless = "\u{301}".repeat(600);
        assert_eq!(split(&endless, TextLimit::Bytes(1000)).concat(), endless);
    }
}
