//! What texts become, held against what the reference implementation gave (`vectors.json`, table/make_table.py).

use super::TABLE;
use knowledge::vector::{DIMENSION, cosine};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The vector of length 1.
fn unit(text: &str) -> [f32; DIMENSION] {
    let sum = TABLE.sum(text);
    let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    sum.map(|x| if norm > 0.0 { x / norm } else { 0.0 })
}

fn is_near(a: f32, b: &Value, most: f64) -> bool {
    (f64::from(a) - b.as_f64().unwrap()).abs() <= most
}

#[test]
fn every_text_of_the_reference_has_its_tokens_and_its_components() {
    let reference = reference();
    let texts = list(&reference["texts"]);
    assert_eq!(texts.len(), 30);
    for one in texts {
        let text = one["text"].as_str().unwrap();
        // 100 is the unknown, which is left out.
        let tokens = list(&one["tokens"]).iter().filter_map(Value::as_u64);
        let tokens: Vec<_> = tokens.filter(|token| *token != 100).collect();
        let ours: Vec<_> = TABLE
            .tokens(text)
            .iter()
            .map(|token| *token as u64)
            .collect();
        assert_eq!(ours, tokens, "{text}");
        for (component, expected) in unit(text).iter().zip(list(&one["first8"])) {
            assert!(
                is_near(*component, expected, 0.0002),
                "{text}: {component} for {expected}"
            );
        }
    }
}

#[test]
fn every_pair_of_the_reference_has_its_cosine() {
    let reference = reference();
    let (texts, pairs) = (list(&reference["texts"]), list(&reference["pairs"]));
    assert_eq!(pairs.len(), 20);
    for pair in pairs {
        let [a, b] = ["a", "b"].map(|side| {
            texts[pair[side].as_u64().unwrap() as usize]["text"]
                .as_str()
                .unwrap()
        });
        let (left, right) = (unit(a), unit(b));
        let exact: f32 = left.iter().zip(right).map(|(a, b)| a * b).sum();
        assert!(is_near(exact, &pair["cosine"], 0.001), "{a} / {b}: {exact}");
        let stored = match (TABLE.embed(a), TABLE.embed(b)) {
            (Some(a), Some(b)) => cosine(&a, &b),
            _ => 0.0,
        };
        assert!(
            is_near(stored, &pair["cosine_int8"], 0.001),
            "{a} / {b}: {stored}"
        );
    }
}

/// What two texts have in common are their tokens.
fn same(a: &str, b: &str) {
    assert_eq!(TABLE.tokens(a), TABLE.tokens(b), "{a:?} / {b:?}");
    assert!(!TABLE.tokens(a).is_empty(), "{a:?}");
}

#[test]
fn case_marks_and_what_is_not_shown_make_no_difference() {
    same("Où est MON COLIS ?", "ou est mon colis?");
    same("cafe\u{301}", "caf\u{e9}");
    same("the\u{0} par\u{200b}cel\u{fffd}\u{e000}", "the parcel");
    same(
        "the\u{a0}parcel\r\n\tcame\u{2003}late",
        "the parcel came late",
    );
    same("\u{212b}ngstr\u{f6}m \u{1e9b}", "angstrom \u{17f}");
    same("Ελλάς ΕΛΛΑΣ", "ελλας ελλας");
    same("İstanbul", "istanbul");
    // A Hangul syllable is its letters.
    same(
        "\u{d55c}\u{ae00}",
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
    );
}

#[test]
fn punctuation_and_ideographs_stand_alone_and_signs_of_money_do_not() {
    same("e-mail:me@home.com", "e - mail : me @ home . com");
    same("\u{ab}now\u{bb}", "\u{ab} now \u{bb}");
    same("\u{4e2d}\u{56fd}", "\u{4e2d} \u{56fd}");
    assert_ne!(TABLE.tokens("\u{20ac}50"), TABLE.tokens("\u{20ac} 50"));
    assert_ne!(TABLE.tokens("no\u{142}"), TABLE.tokens("nol"));
}

#[test]
fn a_word_that_is_not_wholly_known_or_too_long_counts_nothing() {
    same("parcel \u{1f4e6}\u{1f4e6} late", "parcel late");
    same("parcel snow\u{2603}man late", "parcel late");
    assert!(!TABLE.tokens(&"a".repeat(100)).is_empty());
    assert!(!TABLE.tokens(&"\u{e9}".repeat(100)).is_empty());
    for nothing in [
        "",
        " \n",
        &"a".repeat(101),
        &"\u{e9}".repeat(101),
        "\u{1f4e6}",
        "\u{301}",
    ] {
        assert_eq!(TABLE.tokens(nothing), [0; 0], "{nothing}");
        assert_eq!(TABLE.embed(nothing), None, "{nothing}");
    }
}

#[test]
fn a_word_that_is_there_twice_counts_twice_and_their_order_nothing() {
    let [once, twice] = ["refund parcel", "refund refund parcel"].map(|text| TABLE.sum(text));
    let refund = TABLE.sum("refund");
    for ((once, twice), refund) in once.iter().zip(twice).zip(refund) {
        assert!((once + refund - twice).abs() < 1e-4);
    }
    assert_eq!(TABLE.embed("refund parcel"), TABLE.embed("parcel refund"));
}
