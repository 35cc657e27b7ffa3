//! Whether a text that a model wrote may be sent though nobody reads it before. A model that was deceived may write
//! anything; what it was given has nothing of other customers, and what it writes comes out of here as plain words
//! without a place to click on that the business does not name itself.

use crate::links::{emails, links, numbers};
use crate::reason::Reason;
use knowledge::context::CustomerContext;
use records::masked_text;
use replies::prompt::{AUTO_SYSTEM, HAND_OVER};
use replies::{Draft, Settings};

/// Longest reply that is sent, in characters; a longer one is no answer to a message in a chat.
const MAX_REPLY: usize = 1_500;
/// How much of one of our rules gives away that they are told, in characters.
const RULE: usize = 40;
/// Marks of markup, of code, and of the templates by which models tell roles apart.
const MARKS: [&str; 9] = [
    "```",
    "![",
    "[inst",
    "[/inst",
    "tool_calls",
    "function_call",
    "</",
    "<|",
    "<<",
];
/// Shortest word that may be a key or a coded text, in characters.
const CODED: usize = 32;

/// Why a text may not be sent.
pub(crate) fn fault_of(
    draft: &Draft,
    known: &CustomerContext,
    settings: &Settings,
    key: Option<&str>,
) -> Option<Reason> {
    let text = &*draft.text;
    let lower = text.to_lowercase();
    if hands_over(text) {
        return Some(Reason::NoAnswer);
    }
    if draft.is_cut || text.chars().count() > MAX_REPLY {
        return Some(Reason::TooLong);
    }
    if draft.calls_tools || !is_prose(&lower) {
        return Some(Reason::NoProse);
    }
    let said = Said::of(known, settings);
    if key.is_some_and(|key| text.contains(key)) || has_secret(text, &said) {
        return Some(Reason::Secret);
    }
    if links(&lower)
        .iter()
        .any(|link| runs_code(link) || !said.has(link))
    {
        return Some(Reason::ForeignLink);
    }
    let is_unknown = |email: &String| !said.has(email);
    let mut sure = numbers(text).into_iter().filter(|number| number.is_sure);
    let is_foreign =
        emails(text).iter().any(is_unknown) || sure.any(|number| !said.has_digits(&number.digits));
    is_foreign.then_some(Reason::ForeignIdentity)
}

/// Whether a link is a program or a page of its own, which no record has reason to hold.
fn runs_code(link: &str) -> bool {
    ["javascript:", "data:"]
        .iter()
        .any(|scheme| link.starts_with(scheme))
}

/// Whether the model says that it has no answer, also where it is careless about how.
fn hands_over(text: &str) -> bool {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphabetic());
        letters.flat_map(char::to_uppercase).collect()
    };
    text.to_uppercase().contains("[HAND OVER") || bare(text) == bare(HAND_OVER)
}

/// Whether a text in lower case is words of a person to a person.
fn is_prose(lower: &str) -> bool {
    let tells_a_rule = AUTO_SYSTEM.lines().any(|rule| {
        let rule = rule.trim_start_matches("- ").to_lowercase();
        let beginning: String = rule.chars().take(RULE).collect();
        lower.contains(&beginning)
    });
    let opens_a_tag = lower.split('<').skip(1).any(|rest| {
        let next = rest.chars().next();
        next.is_some_and(|c| c.is_alphabetic() || c == '!' || c == '?')
    });
    !lower.starts_with(['{', '['])
        && !tells_a_rule
        && !opens_a_tag
        && !MARKS.iter().any(|mark| lower.contains(mark))
}

/// Whether a text has what looks like a key, a number of a card or an account, or a coded text.
fn has_secret(text: &str, said: &Said) -> bool {
    let is_coded = |word: &str| {
        let is_alphabet =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
        let mut behind = word.chars().skip(1);
        word.len() >= CODED
            && word.chars().all(is_alphabet)
            && (word.bytes().any(|byte| byte.is_ascii_digit()) || behind.any(char::is_uppercase))
    };
    let mut words = text.split_whitespace();
    masked_text(text).is_some() || words.any(|word| is_coded(word) && !said.has(word))
}

/// The addresses and numbers of a text, as customers have them: kind and value.
pub(crate) fn named(text: &str) -> Vec<[String; 2]> {
    let email = |email: String| ["email".to_owned(), email];
    let mut named: Vec<_> = emails(text).into_iter().map(email).collect();
    for number in numbers(text) {
        for kind in ["phone", "whatsapp"] {
            named.push([kind.to_owned(), ["+", &number.digits].concat()]);
        }
    }
    named
}

/// What the business says of itself and to this customer: its records, its instructions, its messages. What the customer
/// wrote is not part of it.
struct Said {
    lower: String,
    digits: String,
}

impl Said {
    fn of(known: &CustomerContext, settings: &Settings) -> Self {
        let mut texts = vec![settings.instructions.as_str()];
        let customer = &known.customer;
        texts.extend(
            [&customer.name, &customer.email, &customer.phone]
                .into_iter()
                .filter_map(|one| one.as_deref()),
        );
        texts.extend(
            known
                .records
                .iter()
                .chain(&known.passages)
                .map(|record| record.text.as_str()),
        );
        let outbound = known
            .history
            .iter()
            .filter(|message| message.direction == "outbound");
        texts.extend(outbound.map(|message| message.content.as_str()));
        let lower = texts.join("\n").to_lowercase();
        // What stands between two numbers stays, so that no number is made of the ends of two.
        let digits = lower.replace([' ', '-', '(', ')', '/', '.', '\u{a0}'], "");
        Self { lower, digits }
    }

    /// Whether it has this, as a whole: `evil.example` is no part of `notevil.example`.
    fn has(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let mut found = self.lower.match_indices(&text);
        found.any(|(at, _)| {
            let before = self
                .lower
                .get(..at)
                .and_then(|before| before.chars().next_back());
            let behind = self
                .lower
                .get(at + text.len()..)
                .and_then(|behind| behind.chars().next());
            !before.is_some_and(is_of_word) && !behind.is_some_and(is_of_word)
        })
    }

    /// Whether it has a number, also where it is written another way, with or without its country.
    fn has_digits(&self, digits: &str) -> bool {
        let national = digits.strip_prefix('0').unwrap_or(digits);
        self.digits.contains(national)
    }
}
