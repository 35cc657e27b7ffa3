//! Long texts in pieces.

/// Cuts a text into pieces of at most `max` characters, at the ends of sentences where there are any, else at spaces.
/// About `overlap` characters of one piece stand at the start of the next.
pub(crate) fn pieces(text: &str, max: usize, overlap: usize) -> Vec<&str> {
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.push(text.len());
    let chars = starts.len() - 1;
    let (max, overlap) = (max.max(1), overlap.min(max / 4));
    let slice = |from: usize, to: usize| {
        let range = starts.get(from).zip(starts.get(to));
        range
            .and_then(|(from, to)| text.get(*from..*to))
            .unwrap_or_default()
    };
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < chars {
        let end = match from + max >= chars {
            true => chars,
            false => from + end_of_piece(slice(from, from + max), max),
        };
        pieces.push(slice(from, end).trim());
        if end == chars {
            break;
        }
        let back = end.saturating_sub(overlap).max(from + 1);
        from = back + start_of_words(slice(back, end));
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// After how many characters a piece ends: behind the last sentence of its second half, or the last space there.
fn end_of_piece(window: &str, max: usize) -> usize {
    let (mut sentence, mut space) = (0, 0);
    let mut before = ' ';
    for (at, c) in window.chars().enumerate() {
        if c.is_whitespace() {
            space = at + 1;
            if matches!(before, '.' | '!' | '?' | ':' | ';' | '\n') {
                sentence = at + 1;
            }
        } else if matches!(c, '。' | '！' | '？') {
            sentence = at + 1;
        }
        before = c;
    }
    let half = max / 2;
    match (sentence > half, space > half) {
        (true, _) => sentence,
        (false, true) => space,
        (false, false) => max,
    }
}

/// How many characters stand before the first sentence of an overlap, or before its first word.
fn start_of_words(overlap: &str) -> usize {
    let mut word = None;
    let mut before = ' ';
    for (at, c) in overlap.chars().enumerate() {
        if c.is_whitespace() {
            if matches!(before, '.' | '!' | '?') {
                return at + 1;
            }
            word = word.or(Some(at + 1));
        }
        before = c;
    }
    word.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_sentences_and_the_pieces_overlap() {
        let sentence = "The parcel was sent on Monday and came back to us. ";
        let text = sentence.repeat(60);
        let pieces = pieces(&text, 400, 100);
        assert!(pieces.len() > 7);
        for piece in &pieces {
            assert!(piece.chars().count() <= 400);
            assert!(
                piece.starts_with("The parcel") && piece.ends_with("us."),
                "{piece}"
            );
        }
        let together: usize = pieces.iter().map(|piece| piece.len()).sum();
        assert!(together > text.len() + 7 * 40);
    }

    #[test]
    fn what_has_no_sentences_or_no_spaces_is_cut_all_the_same() {
        for text in ["ab ".repeat(500), "é".repeat(1500), "好。".repeat(700)] {
            let pieces = pieces(&text, 100, 20);
            assert!(
                pieces
                    .iter()
                    .all(|piece| (1..=100).contains(&piece.chars().count()))
            );
            assert!(pieces.len() < 60);
        }
        assert_eq!(pieces("one", 100, 20), ["one"]);
        assert!(pieces("  ", 100, 20).is_empty());
        assert!(pieces("abcdef", 1, 1).concat() == "abcdef");
    }
}
