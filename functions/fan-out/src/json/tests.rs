use super::*;
use proptest::prelude::*;

fn written(text: &str) -> String {
    let mut out = String::new();
    Json::parse(text).unwrap().write(&mut out);
    out
}

/// Texts, and what node gives for `JSON.stringify(JSON.parse(text))`.
const VECTORS: &str = include_str!("vectors.txt");

#[test]
fn every_text_is_written_as_javascript_writes_it() {
    let mut lines = VECTORS.lines();
    let mut count = 0;
    while let (Some(text), Some(expected)) = (lines.next(), lines.next()) {
        assert_eq!(written(text), expected, "{text}");
        assert_eq!(written(expected), expected, "{text}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn what_javascript_cannot_read_is_an_error() {
    for text in ["", "{", "1e400", "\"\\ud800\"", "nul", "[1,]"] {
        assert!(Json::parse(text).is_err(), "{text}");
    }
    // So deep that reading on could use up the stack.
    assert!(Json::parse(&"[".repeat(1000)).is_err());
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let key = prop_oneof![any::<String>(), any::<u32>().prop_map(|n| n.to_string())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether two values are the same to JavaScript.
fn is_same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (a, b) {
        (Number(a), Number(b)) => a.as_f64() == b.as_f64(),
        (Array(a), Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Object(a), Object(b)) => {
            let same = |(a, b): (_, _)| is_same(a, b);
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(same)
        }
        _ => a == b,
    }
}

proptest! {
    #[test]
    fn what_is_written_says_the_same_and_is_written_so_again(value in any_json()) {
        let text = written(&value.to_string());
        prop_assert_eq!(written(&text), text.clone());
        prop_assert!(is_same(&serde_json::from_str(&text).unwrap(), &value), "{}", text);
    }

    #[test]
    fn a_number_reads_back_as_the_same_double(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite() && number != 0.0);
        let mut text = String::new();
        write_number(number, &mut text);
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits);
    }

    #[test]
    fn a_texts_length_is_foretold(text in any::<String>()) {
        let mut out = String::new();
        write_text(&text, &mut out);
        prop_assert_eq!(text.chars().map(written_len).sum::<usize>() + 2, out.len());
    }
}
