//! Whether a customer asks for a person, by the words in which people do.

mod defaults;
mod look;
pub mod sql;
mod words;

pub use defaults::DEFAULTS;
pub use look::phrases_look;

use common::json::raw::{list, object, text};
use defaults::{FILLERS, is_known};
use words::{told, words_of};

/// Messages of more words than this ask by a phrase of two words at least.
const MOST_WORDS: usize = 12;
/// In a language whose fillers are not known, a message of more words is about something else, too.
const MOST_WORDS_UNKNOWN: usize = 3;

/// What customers write who ask for a person.
#[derive(Debug)]
pub struct Phrases(Vec<Phrase>);

#[derive(Debug)]
struct Phrase {
    /// As the business wrote it, or we did.
    given: String,
    words: Vec<String>,
    /// Whether [`FILLERS`] has what stands around words of its language.
    is_known: bool,
}

impl Phrases {
    /// Those of a connector's settings, JSON with `escalation: {phrases_on, phrases: {"en": […]}}`:
    /// ours, a language's replaced by what the business lists for it. `None` where it has this off.
    #[must_use]
    pub fn of(settings: &str) -> Option<Self> {
        let settings = object(settings)?;
        let escalation = object(settings.get("escalation")?)?;
        if escalation.get("phrases_on") != Some(&"true") {
            return None;
        }
        let listed = escalation.get("phrases").and_then(|listed| object(listed));
        let listed = listed.unwrap_or_default();
        let mut phrases = Vec::new();
        for (language, ours) in DEFAULTS {
            if listed
                .get(language)
                .and_then(|theirs| list(theirs))
                .is_none()
            {
                phrases.extend(ours.iter().map(|given| Phrase::of(given, language)));
            }
        }
        for (language, theirs) in listed.iter() {
            let theirs = list(theirs).unwrap_or_default().into_iter();
            phrases.extend(
                theirs
                    .filter_map(text)
                    .map(|given| Phrase::of(&given, language)),
            );
        }
        phrases.retain(|phrase| !phrase.words.is_empty());
        Some(Self(phrases))
    }

    /// The phrase by which a message asks for a person, if it does. A single word asks only where the
    /// rest of a short message says nothing else: `my travel agent booked` does not.
    #[must_use]
    pub fn asked(&self, message: &str) -> Option<&str> {
        let all = words_of(message);
        let words = told(&all);
        let asks = |phrase: &&Phrase| match phrase.words.as_slice() {
            [word] => asks_alone(word, phrase.is_known, &words, all.len()),
            several => words.windows(several.len()).any(|part| part == several),
        };
        let asked = self.0.iter().filter(asks);
        // The longest says most to whoever reads why.
        let asked = asked.max_by_key(|phrase| phrase.words.len());
        asked.map(|phrase| phrase.given.as_str())
    }
}

impl Phrase {
    fn of(given: &str, language: &str) -> Self {
        Self {
            given: given.to_owned(),
            words: told(&words_of(given)),
            is_known: is_known(language),
        }
    }
}

fn asks_alone(word: &str, is_known: bool, words: &[String], count: usize) -> bool {
    if count > MOST_WORDS || !words.iter().any(|one| one == word) {
        return false;
    }
    let is_filler = |one: &str| FILLERS.split_ascii_whitespace().any(|filler| filler == one);
    let says_nothing_else = words.iter().all(|one| one == word || is_filler(one));
    says_nothing_else || (!is_known && count <= MOST_WORDS_UNKNOWN)
}

#[cfg(test)]
mod tests;
