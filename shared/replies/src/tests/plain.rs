//! Text that comes in pieces is the text that comes whole.

use crate::plain::{MAX_TEXT, PlainText};
use proptest::prelude::*;

const SECRET: &str = "aab-aab-aac";

/// What is made of a text that comes in these pieces, and whether it was cut.
fn pushed(pieces: &[&str], secret: Option<&str>) -> (String, bool) {
    let mut plain = PlainText::new(secret);
    let mut text = String::new();
    for piece in pieces {
        text.push_str(&plain.push(piece));
    }
    text.push_str(&plain.end());
    (text, plain.is_long())
}

/// The rules, of a text that is whole: first the thought goes, then each character is looked at, then both ends, the
/// length, and the secret.
fn by_the_rules(answer: &str) -> (String, bool) {
    let answer = answer.trim_start();
    let answer = match answer.strip_prefix("<think>") {
        None => answer,
        Some(thought) => thought.split_once("</think>").map_or("", |(_, said)| said),
    };
    let answer = answer.replace("\r\n", "\n");
    let kept = answer.chars().filter_map(|c| match c {
        '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        '\n' => Some('\n'),
        '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    let kept = kept.collect::<String>();
    let kept = kept.trim();
    let cut: String = kept.chars().take(MAX_TEXT).collect();
    let is_long = kept.chars().count() > MAX_TEXT;
    (cut.trim_end().replace(SECRET, "***"), is_long)
}

/// Texts of parts that the rules are about.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("<think>".to_owned()),
        Just("</think>".to_owned()),
        Just("<thi".to_owned()),
        Just(SECRET.to_owned()),
        Just("aab-".to_owned()),
        Just("aa".to_owned()),
        Just("\r".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just(" \t\u{a0}".to_owned()),
        Just("\u{202e}\u{200b}\u{feff}\u{e0041}\u{0}\u{1b}\u{85}".to_owned()),
        Just("\u{2028}é\u{1f469}\u{200d}\u{1f527}".to_owned()),
        Just("x".repeat(1_300)),
        Just(" ".repeat(1_300)),
        ".{0,8}",
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn pieces_cut_anywhere_give_what_the_rules_say_of_the_whole(
        text in text(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut - (text.len() - rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        let expected = by_the_rules(&text);
        prop_assert_eq!(pushed(&pieces, Some(SECRET)), expected.clone());
        let letters: Vec<_> = text.split("").collect();
        prop_assert_eq!(pushed(&letters, Some(SECRET)), expected);
    }
}

#[test]
fn nothing_is_shown_that_the_end_may_take_back() {
    let mut plain = PlainText::new(Some("sk-key"));
    for (piece, sure) in [
        (" \n", ""),
        ("<th", ""),
        ("ink>secret plan</thi", ""),
        ("nk>\n\nHello", "Hello"),
        (" \n\n", ""),
        ("you", " \n\nyou"),
        (", s", ", "),
        ("k", ""),
        ("-k", ""),
        ("\u{202e}ey sk-\u{0}k", "*** "),
        ("in.", "sk-kin."),
        ("  ", ""),
    ] {
        assert_eq!(plain.push(piece), sure, "{piece:?}");
    }
    assert_eq!(plain.end(), "");
}

#[test]
fn what_has_no_end_takes_no_room() {
    let mut plain = PlainText::new(None);
    for piece in ["<think>", &"x".repeat(100_000), &" ".repeat(100_000)] {
        assert_eq!(plain.push(piece), "");
        assert!(format!("{plain:?}").len() < 500, "a thought is forgotten");
    }
    let mut spaces = PlainText::new(None);
    assert_eq!(spaces.push("a"), "a");
    assert_eq!(spaces.push(&" ".repeat(100_000)), "");
    assert!(format!("{spaces:?}").len() < MAX_TEXT + 500);
    assert_eq!((spaces.push("b"), spaces.is_long()), (String::new(), true));
}
