//! Whether a customer asks for a person, by the words in which people do.

mod defaults;
mod words;

pub use defaults::{DEFAULTS, FILLERS};
pub use words::{counting, words_of};

use common::json::raw::{list, object, text};
use defaults::is_known;

/// Messages of more words than this ask by a trigger of two words at least.
const MAX_WORDS: usize = 12;
/// In a language whose fillers are not known, a message of more words is about something else, too.
const MAX_WORDS_UNKNOWN: usize = 3;

/// What customers write who ask for a person.
#[derive(Debug)]
pub struct Triggers(Vec<Trigger>);

#[derive(Debug)]
struct Trigger {
    /// As the business wrote it, or we did.
    given: String,
    words: Vec<String>,
    /// Whether [`FILLERS`] has what stands around words of its language.
    is_known: bool,
}

impl Triggers {
    /// The triggers of a business: the defaults, with the languages that its JSON lists replaced.
    #[must_use]
    pub fn of(listed: &str) -> Self {
        let listed = object(listed).unwrap_or_default();
        let mut triggers = Vec::new();
        for (language, ours) in DEFAULTS {
            if listed
                .get(language)
                .and_then(|theirs| list(theirs))
                .is_none()
            {
                triggers.extend(ours.iter().map(|given| Trigger::of(given, language)));
            }
        }
        for (language, theirs) in listed.iter() {
            let theirs = list(theirs).unwrap_or_default().into_iter();
            triggers.extend(
                theirs
                    .filter_map(text)
                    .map(|given| Trigger::of(&given, language)),
            );
        }
        triggers.retain(|trigger| !trigger.words.is_empty());
        Self(triggers)
    }

    /// The trigger by which a message asks for a person, if it does. A single word asks only where the
    /// rest of a short message says nothing else: `my travel agent booked` does not.
    #[must_use]
    pub fn matched(&self, message: &str) -> Option<&str> {
        let all = words_of(message);
        let words = counting(&all);
        let asks = |trigger: &&Trigger| match trigger.words.as_slice() {
            [word] => asks_alone(word, trigger.is_known, &words, all.len()),
            several => words.windows(several.len()).any(|part| part == several),
        };
        let matched = self.0.iter().filter(asks);
        // The longest says most to whoever reads why.
        let matched = matched.max_by_key(|trigger| trigger.words.len());
        matched.map(|trigger| trigger.given.as_str())
    }
}

impl Trigger {
    fn of(given: &str, language: &str) -> Self {
        Self {
            given: given.to_owned(),
            words: counting(&words_of(given)),
            is_known: is_known(language),
        }
    }
}

fn asks_alone(word: &str, is_known: bool, words: &[String], count: usize) -> bool {
    if count > MAX_WORDS || !words.iter().any(|one| one == word) {
        return false;
    }
    let is_filler = |one: &str| FILLERS.split_ascii_whitespace().any(|filler| filler == one);
    let says_nothing_else = words.iter().all(|one| one == word || is_filler(one));
    says_nothing_else || (!is_known && count <= MAX_WORDS_UNKNOWN)
}
