use super::vectors::Vectors;
use super::{Candidate, Hit, similarity};
use crate::vector::Vector;
use crate::words::{dice, folded, phone_digits, question_words, trigrams, words};

/// How much the words count, by the square of what they cover, and how much the meaning.
const OF_WORDS: f32 = 0.6;
const OF_MEANING: f32 = 0.4;
/// Below this, words are not alike.
const ALIKE: f32 = 0.5;

/// A word of a question.
struct Asked {
    word: String,
    trigrams: Vec<u64>,
    digits: Option<String>,
    /// Whether it is an id, an address or a number, which is exactly there or is not.
    is_exact: bool,
}

/// Both scores for each candidate, the best first. How rare a word is, is counted among the candidates alone: counted
/// among all records it found no more.
pub(super) fn scored(
    question: &str,
    vector: Option<&Vector>,
    vectors: &Vectors,
    candidates: Vec<Candidate>,
) -> Vec<Hit> {
    let asked = asked(question);
    let likeness: Vec<Vec<(f32, bool)>> = candidates
        .iter()
        .map(|candidate| likeness(&asked, &candidate.text))
        .collect();
    let count = float(candidates.len());
    let weights: Vec<f32> = (0..asked.len())
        .map(|n| {
            let has = likeness
                .iter()
                .filter(|of| of.get(n).is_some_and(|one| one.0 > 0.0));
            let has = float(has.count());
            (1.0 + (count - has + 0.5) / (has + 0.5)).ln()
        })
        .collect();
    let all: f32 = weights.iter().sum();
    let hits = candidates
        .into_iter()
        .zip(likeness)
        .map(|(chunk, likeness)| {
            let covered: f32 = likeness
                .iter()
                .zip(&weights)
                .map(|(one, weight)| one.0 * weight)
                .sum();
            let coverage = if all > 0.0 { covered / all } else { 0.0 };
            let meaning = similarity(vectors, vector, chunk.id).max(0.0);
            let is_exact = likeness.iter().any(|(_, is_exact)| *is_exact);
            let exact = if is_exact { 1.0 } else { 0.0 };
            Hit {
                score: OF_WORDS * coverage * coverage + OF_MEANING * meaning + exact,
                chunk,
            }
        });
    let mut hits: Vec<Hit> = hits.collect();
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.chunk.id.cmp(&b.chunk.id))
    });
    hits
}

fn float(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

fn asked(question: &str) -> Vec<Asked> {
    let mut asked: Vec<Asked> = question_words(question)
        .into_iter()
        .map(|word| {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            Asked {
                trigrams: trigrams(&word),
                digits: phone_digits(&word),
                is_exact: word.contains('@') || (digits > 2 && word.len() > 3),
                word,
            }
        })
        .collect();
    // A number that is written in groups counts as one.
    if let Some(digits) = number_in(question)
        && !asked
            .iter()
            .any(|one| one.digits.as_deref() == Some(&digits))
    {
        asked.retain(|one| !one.word.chars().all(|c| c.is_ascii_digit() || c == '-'));
        asked.push(Asked {
            trigrams: trigrams(&digits),
            digits: Some(digits.clone()),
            is_exact: true,
            word: digits,
        });
    }
    asked
}

/// The longest run of digits and what stands between the groups of a number, if it may be a phone number.
fn number_in(question: &str) -> Option<String> {
    let is_of_number =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/');
    let runs = question.split(|c: char| !is_of_number(c));
    runs.filter_map(|run| phone_digits(run.trim()))
        .max_by_key(String::len)
}

/// How much of each word of a question a text has, and whether it has it exactly as an id, address or number.
fn likeness(asked: &[Asked], text: &str) -> Vec<(f32, bool)> {
    let folded = folded(text);
    let there: Vec<(&str, Vec<u64>)> = words(&folded).map(|word| (word, trigrams(word))).collect();
    let needs_numbers = asked.iter().any(|one| one.digits.is_some());
    let numbers: Vec<String> = match needs_numbers {
        true => folded
            .lines()
            .flat_map(|line| line.rsplit(": ").next())
            .filter_map(|value| phone_digits(value.trim()))
            .chain(there.iter().filter_map(|(word, _)| phone_digits(word)))
            .collect(),
        false => Vec::new(),
    };
    asked
        .iter()
        .map(|one| {
            let digits = one.digits.as_deref();
            let is_number = |number: &String| {
                digits.is_some_and(|digits| {
                    number.ends_with(digits) || digits.ends_with(number.as_str())
                })
            };
            if numbers.iter().any(is_number) {
                return (1.0, true);
            }
            let alike = there
                .iter()
                .map(|(word, trigrams)| match *word == one.word {
                    true => 1.0,
                    false => dice(&one.trigrams, trigrams),
                });
            let best = alike.fold(0.0, f32::max);
            let is_there = best >= 1.0 && one.is_exact;
            (if best >= ALIKE { best } else { 0.0 }, is_there)
        })
        .collect()
}
