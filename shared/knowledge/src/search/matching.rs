//! What of a question FTS5 is asked for: its table has trigrams alone, so words are what has all of theirs.

use super::score::number_in;
use crate::words::{folded, question_words, words};
use std::collections::BTreeSet;

/// Most trigrams that are asked for.
const MAX_TRIGRAMS: usize = 120;
/// Most things that are asked for exactly.
const MAX_EXACT: usize = 6;
/// From this length on, a word with a digit is an id. Shorter ones are many.
const ID_LENGTH: usize = 4;
/// Digits at the end of a phone number that are the same however it is written.
const TAIL: usize = 7;

/// The trigrams of a question's words.
pub(super) fn trigrams(question: &str) -> Vec<String> {
    let folded = folded(question);
    let counting = question_words(question);
    let counting: Vec<&str> = match counting.is_empty() {
        true => words(&folded).collect(),
        false => counting.iter().map(String::as_str).collect(),
    };
    let trigrams: BTreeSet<String> = counting.into_iter().flat_map(of_word).collect();
    let trigrams = trigrams.into_iter().take(MAX_TRIGRAMS);
    trigrams.map(|trigram| quoted(&trigram)).collect()
}

/// What is to be there exactly, each as one expression: a phone number by its end, an id, an address, and two words that
/// follow one another, as a name does. Among many records that have one of its words, the one that has both would not
/// be a candidate.
pub(super) fn exact(question: &str) -> Vec<String> {
    let mut words = question_words(question);
    let tail = number_in(question).map(|number| tail(&number).to_owned());
    if tail.is_some() {
        // They are the number's groups.
        words.retain(|word| {
            !word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
        });
    }
    let is_id = |word: &&String| {
        let is_such = word.contains('@') || word.bytes().any(|byte| byte.is_ascii_digit());
        is_such && word.len() >= ID_LENGTH
    };
    let ids = words.iter().filter(is_id).map(|word| vec![word.as_str()]);
    let has_trigrams = |word: &&String| word.chars().nth(2).is_some();
    let pairs = words.iter().zip(words.iter().skip(1));
    let pairs = pairs.filter(|(one, next)| has_trigrams(one) && has_trigrams(next));
    let pairs = pairs.map(|(one, next)| vec![one.as_str(), next.as_str()]);
    let all = tail.iter().map(|tail| vec![tail.as_str()]);
    let all = all.chain(ids).chain(pairs).take(MAX_EXACT);
    let expressions = all.map(|words| {
        let trigrams: BTreeSet<String> = words.into_iter().flat_map(of_word).collect();
        let quoted: Vec<String> = trigrams.iter().map(|trigram| quoted(trigram)).collect();
        quoted.join(" AND ")
    });
    expressions.filter(|all| !all.is_empty()).collect()
}

fn tail(digits: &str) -> &str {
    let at = digits.len().saturating_sub(TAIL);
    digits.get(at..).unwrap_or(digits)
}

fn of_word(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters
        .windows(3)
        .map(|three| three.iter().collect())
        .collect()
}

/// As a string of FTS5: a word may have `-` or `+` within.
fn quoted(trigram: &str) -> String {
    ["\"", trigram, "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigrams_are_of_the_words_that_count() {
        assert_eq!(
            trigrams("Where is Ann#1?"),
            ["\"ann\"", "\"n#1\"", "\"nn#\""]
        );
        assert_eq!(trigrams("what is"), ["\"hat\"", "\"wha\""]);
        assert!(trigrams("?").is_empty());
    }

    #[test]
    fn ids_numbers_and_neighbours_are_asked_for_exactly() {
        let tail = "\"123\" AND \"234\" AND \"345\" AND \"456\" AND \"567\"";
        assert_eq!(exact("who calls from +353 86 123 4567"), [tail]);
        assert_eq!(
            exact("order A-10?"),
            [
                "\"-10\" AND \"a-1\"",
                "\"-10\" AND \"a-1\" AND \"der\" AND \"ord\" AND \"rde\""
            ]
        );
        assert_eq!(exact("Al Daly"), [""; 0]);
        assert_eq!(exact(&"word1 ".repeat(9)).len(), 1);
    }
}
