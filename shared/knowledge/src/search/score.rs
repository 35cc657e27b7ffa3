use super::near::Nearness;
use super::{Candidate, Hit};
use crate::words::{dice, folded, is_slip, phone_digits, question_words, trigrams, words};
use std::collections::HashMap;

/// How much the words count, by the square of what they cover, and how much the meaning.
const OF_WORDS: f32 = 0.6;
const OF_MEANING: f32 = 0.4;
/// Below this, words are not alike.
const ALIKE: f32 = 0.5;
/// What one slip takes from the likeness of a word, divided by its length.
const SLIP: f32 = 1.5;

/// A word of a question.
struct Asked {
    word: String,
    letters: Vec<char>,
    trigrams: Vec<u64>,
    digits: Option<String>,
    /// Whether it is an id, an address or a number, which is exactly there or is not.
    is_exact: bool,
}

/// Both scores for each candidate, the best first. How rare a word is, is counted among the candidates alone: counted
/// among all records it found no more.
pub(super) fn scored(
    question: &str,
    near: Option<&Nearness>,
    candidates: Vec<Candidate>,
) -> Vec<Hit> {
    let mut likeness = Likeness::new(asked(question));
    let words = likeness.asked.len();
    let likeness: Vec<Vec<(f32, bool)>> = candidates
        .iter()
        .map(|candidate| likeness.of(&candidate.text))
        .collect();
    let is_exact = |of: &[(f32, bool)]| of.iter().any(|(_, is_exact)| *is_exact);
    let (exact, covered): (Vec<bool>, Vec<Vec<f32>>) = likeness
        .into_iter()
        .map(|of| (is_exact(&of), with_pairs(&of)))
        .unzip();
    let count = float(candidates.len());
    let weights: Vec<f32> = (0..words + words.saturating_sub(1))
        .map(|n| {
            let has = covered
                .iter()
                .filter(|of| of.get(n).is_some_and(|one| *one > 0.0));
            match float(has.count()) {
                // A pair that none has is no less there than its words.
                0.0 if n >= words => 0.0,
                has => (1.0 + (count - has + 0.5) / (has + 0.5)).ln(),
            }
        })
        .collect();
    let all: f32 = weights.iter().sum();
    let hits = candidates
        .into_iter()
        .zip(exact.into_iter().zip(covered))
        .map(|(chunk, (is_exact, covered))| {
            let weighed = covered.iter().zip(&weights);
            let covered: f32 = weighed.map(|(one, weight)| one * weight).sum();
            let coverage = if all > 0.0 { covered / all } else { 0.0 };
            let meaning = near.map_or(0.0, |near| near.of(chunk.id));
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

/// How much a text has of each word of a question, and of each two that follow one another, which count as a word of
/// their own where both are exactly there: in a large index, many have a first name and many a last name.
fn with_pairs(likeness: &[(f32, bool)]) -> Vec<f32> {
    let words = likeness.iter().map(|(like, _)| *like);
    let pairs = words.clone().zip(words.clone().skip(1));
    let pairs = pairs.map(|(one, next)| if one.min(next) >= 1.0 { 1.0 } else { 0.0 });
    words.chain(pairs).collect()
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
                letters: word.chars().collect(),
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
            letters: digits.chars().collect(),
            trigrams: trigrams(&digits),
            digits: Some(digits.clone()),
            is_exact: true,
            word: digits,
        });
    }
    asked
}

/// The longest run of digits and what stands between the groups of a number, if it may be a phone number.
pub(super) fn number_in(question: &str) -> Option<String> {
    let is_of_number =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/');
    let runs = question.split(|c: char| !is_of_number(c));
    runs.filter_map(|run| phone_digits(run.trim()))
        .max_by_key(String::len)
}

/// How much of each word of a question texts have.
struct Likeness {
    asked: Vec<Asked>,
    /// Of each word of a text that was seen, how like it is to each word that is asked for; nothing where it is like
    /// none. Records of one list have many words in common, and comparing one costs more than finding it again.
    seen: HashMap<String, Vec<f32>>,
}

impl Likeness {
    fn new(asked: Vec<Asked>) -> Self {
        Self {
            asked,
            seen: HashMap::new(),
        }
    }

    /// How much of each word a text has, and whether it has it exactly as an id, address or number.
    fn of(&mut self, text: &str) -> Vec<(f32, bool)> {
        let folded = folded(text);
        let mut best = vec![0.0_f32; self.asked.len()];
        for word in words(&folded) {
            if !self.seen.contains_key(word) {
                self.seen.insert(word.to_owned(), self.compared(word));
            }
            let likeness = self.seen.get(word).map(Vec::as_slice);
            for (best, like) in best.iter_mut().zip(likeness.unwrap_or_default()) {
                *best = best.max(*like);
            }
        }
        with_numbers(&self.asked, best, &folded)
    }

    fn compared(&self, word: &str) -> Vec<f32> {
        let letters: Vec<char> = word.chars().collect();
        let of_word = trigrams(word);
        let asked = self.asked.iter();
        let like: Vec<f32> = asked
            .map(|one| alike(one, word, &letters, &of_word))
            .collect();
        match like.iter().any(|like| *like > 0.0) {
            true => like,
            false => Vec::new(),
        }
    }
}

/// Phone numbers are alike by their ends, however they are written.
fn with_numbers(asked: &[Asked], best: Vec<f32>, folded: &str) -> Vec<(f32, bool)> {
    let needs_numbers = asked.iter().any(|one| one.digits.is_some());
    let numbers: Vec<String> = match needs_numbers {
        true => folded
            .lines()
            .flat_map(|line| line.rsplit(": ").next())
            .filter_map(|value| phone_digits(value.trim()))
            .chain(words(folded).filter_map(phone_digits))
            .collect(),
        false => Vec::new(),
    };
    let found = asked.iter().zip(best).map(|(one, best)| {
        let digits = one.digits.as_deref();
        let is_number = |number: &String| {
            digits
                .is_some_and(|digits| number.ends_with(digits) || digits.ends_with(number.as_str()))
        };
        match numbers.iter().any(is_number) {
            true => (1.0, true),
            false => (best, best >= 1.0 && one.is_exact),
        }
    });
    found.collect()
}

/// How like a word of a text is to one of a question.
fn alike(one: &Asked, word: &str, letters: &[char], of_word: &[u64]) -> f32 {
    if word == one.word {
        return 1.0;
    }
    let dice = dice(&one.trigrams, of_word);
    let dice = if dice >= ALIKE { dice } else { 0.0 };
    match is_slip(&one.letters, letters) {
        true => dice.max(1.0 - SLIP / float(one.letters.len())),
        false => dice,
    }
}
