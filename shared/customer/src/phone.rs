use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, Region, get_national_significant_number_owned,
};
use std::borrow::Cow;

/// A phone number in E.164: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone<'a>(Cow<'a, str>);

/// Longest text that is looked at as a number; an E.164 number has 16 characters.
pub const MAX_PHONE_CHARS: usize = 64;

/// Shortest and longest E.164 number, the `+` counted: 15 digits at most (ITU-T E.164 §6.2.1), and
/// none in use has fewer than 7.
const E164_CHARS: std::ops::RangeInclusive<usize> = 8..=16;

impl<'a> Phone<'a> {
    /// Reads a number; `None` for what is none.
    ///
    /// What is E.164 already, but for spaces and punctuation, is taken as it is: metadata ages, and
    /// reading it costs 15 ms once and 80 µs each time. Anything else is read as dialled in the
    /// region, and must have a length that numbers there can have.
    #[must_use]
    pub fn parse(text: Cow<'a, str>, region: &str) -> Option<Self> {
        let text = common::text::trimmed(text);
        if text.len() > MAX_PHONE_CHARS {
            return None;
        }
        if is_e164(&text) {
            return Some(Self(text));
        }
        match international(&text) {
            Some(digits) => Some(Self(Cow::Owned(digits))),
            None => national(&text, region).map(|number| Self(Cow::Owned(number))),
        }
    }

    /// What is E.164 already, but for spaces and punctuation; `None` for anything else.
    #[must_use]
    pub fn international(text: &str) -> Option<String> {
        let text = text.trim();
        (text.len() <= MAX_PHONE_CHARS)
            .then(|| international(text))
            .flatten()
    }

    /// The number, such as `+353871234567`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_e164(text: &str) -> bool {
    let is_number =
        |digits: &str| !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    E164_CHARS.contains(&text.len()) && text.strip_prefix('+').is_some_and(is_number)
}

/// The E.164 number that the text is, less its punctuation.
fn international(text: &str) -> Option<String> {
    let rest = text.strip_prefix('+')?;
    let mut number = String::with_capacity(text.len());
    number.push('+');
    for c in rest.chars() {
        match c {
            '0'..='9' => number.push(c),
            ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' => {}
            _ => return None,
        }
    }
    // "+44 (0)20 …" carries the trunk zero, which is no part of the number: left to the metadata.
    let plain = !text.contains("(0)") && !number.starts_with("+0");
    (E164_CHARS.contains(&number.len()) && plain).then_some(number)
}

fn national(text: &str, region: &str) -> Option<String> {
    let region = Region::try_from(region).ok();
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    // A number that works within its own town alone would be another person's elsewhere.
    let length = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number);
    if length != Ok(NumberLengthType::IsPossible) {
        return None;
    }
    // Put together here: the library's formatter brings every country's patterns along.
    let code = number.country_code;
    let e164 = format!("+{code}{}", get_national_significant_number_owned(&number));
    E164_CHARS.contains(&e164.len()).then_some(e164)
}
