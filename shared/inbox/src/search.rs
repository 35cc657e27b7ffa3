//! The words that are searched for.

use super::sql::CUSTOMERS_MEANT;
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::json::writer::{JsonWriter, quoted};

/// Longest text that is searched for, in characters.
pub const MAX_SEARCH_CHARS: usize = 200;
/// Most words that are looked at.
const MAX_WORDS: usize = 6;
/// Longest word that is stored of a name, in characters.
const MAX_WORD_CHARS: usize = 40;
/// Shortest beginning of a number that is searched for, in digits.
const MIN_DIGITS: usize = 3;

/// What is searched for, as the statements take it: the longest word as a prefix of a name, in the
/// spellings that its storing in ASCII's lower case leaves open; the other words; prefixes of
/// addresses, numbers and the CRM's ids; the text itself.
pub(super) fn terms(q: &str) -> String {
    let q = q.trim();
    let lower = q.to_ascii_lowercase();
    let words = lower.split([' ', '-']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.take(MAX_WORDS).collect();
    let first = longest(&words);
    let others = words.iter().enumerate().filter(|(n, _)| *n != first);
    let others: Vec<_> = others.map(|(_, word)| quoted(word)).collect();
    let first = words.get(first).copied().unwrap_or_default();
    let list = |texts: &[String]| format!("[{}]", texts.join(","));
    let first: String = first.chars().take(MAX_WORD_CHARS).collect();
    let spelled: Vec<_> = spellings(&first).iter().map(|s| quoted(s)).collect();
    let mut names = Vec::new();
    let mut name = |kind: &str, prefix: &str| {
        names.push(format!("[\"{kind}\",{}]", quoted(prefix)));
    };
    if !q.contains(' ') && !q.is_empty() {
        name("email", &lower);
        name("external_id", q);
    }
    if let Some(number) = number(q) {
        name("phone", &number);
        name("whatsapp", &number);
    }
    JsonWriter::default()
        .json("words", &list(&spelled))
        .json("others", &list(&others))
        .json("names", &list(&names))
        .text("text", &lower)
        .finish()
}

/// The ids of customers who may be meant: by the beginning of an address, a number or a CRM's id, and, of those who have a
/// conversation, of a word of the name.
///
/// # Errors
/// 503 when the database is away.
pub async fn customers_meant(cx: &Context<'_>, q: &str, most: u32) -> Result<Vec<String>> {
    let params = vec![
        cx.business_id().into(),
        terms(q).into(),
        i64::from(most).into(),
    ];
    let rows = cx.db.rows(CUSTOMERS_MEANT.bind(params)).await?;
    let ids = rows
        .iter()
        .map(|row| Ok(Columns::of(row).str("id")?.to_owned()));
    ids.collect()
}

fn longest(words: &[&str]) -> usize {
    let mut longest = (0, 0);
    for (n, word) in words.iter().enumerate() {
        if word.len() > longest.1 {
            longest = (n, word.len());
        }
    }
    longest.0
}

/// Stored names are lower-cased in ASCII only: `Éa` stays as it is, and `éa` must find it. Beyond ASCII,
/// only the first letter is tried in both cases, since that is how names are written.
fn spellings(word: &str) -> Vec<String> {
    let mut chars = word.chars();
    let other: Option<String> = chars.next().and_then(|first| {
        let other = other_case(first)?;
        Some(std::iter::once(other).chain(chars).collect())
    });
    let whole = (!word.is_empty()).then(|| word.to_owned());
    whole.into_iter().chain(other).collect()
}

/// The same letter in the other case, of the Latin, Greek and Cyrillic letters beyond ASCII. The
/// standard library's tables of all scripts would weigh more than the rest of the search.
fn other_case(letter: char) -> Option<char> {
    let code = u32::from(letter);
    let other = match code {
        0xd7 | 0xf7 => return None,
        0xc0..=0xde | 0x391..=0x3a9 | 0x410..=0x42f => code + 0x20,
        0xe0..=0xfe | 0x3b1..=0x3c9 | 0x430..=0x44f => code - 0x20,
        0x400..=0x40f => code + 0x50,
        0x450..=0x45f => code - 0x50,
        // Pairs that begin with an even code, then those that begin with an odd one.
        0x100..=0x137 | 0x14a..=0x177 => code ^ 1,
        0x139..=0x148 | 0x179..=0x17e => ((code + 1) ^ 1) - 1,
        _ => return None,
    };
    char::from_u32(other)
}

/// The beginning of a number in international form.
fn number(q: &str) -> Option<String> {
    let is_sign = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
    let digits: String = q.chars().filter(|c| !is_sign(*c)).collect();
    let digits = digits.strip_prefix("00").or(digits.strip_prefix('+'));
    let digits = digits.map_or_else(
        || q.chars().filter(|c| !is_sign(*c)).collect(),
        str::to_owned,
    );
    let is_number = digits.len() >= MIN_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_becomes_prefixes_of_all_that_it_may_mean() {
        assert_eq!(
            terms(" Jo O'Neill "),
            r#"{"words":["o'neill"],"others":["jo"],"names":[],"text":"jo o'neill"}"#
        );
        assert_eq!(
            terms("Ann@b.IE"),
            r#"{"words":["ann@b.ie"],"others":[],"names":[["email","ann@b.ie"],["external_id","Ann@b.IE"]],"text":"ann@b.ie"}"#
        );
        for text in ["+353 (87) 12", "00353-87.12", "3538712"] {
            assert!(terms(text).contains(r#"["phone","+3538712"]"#), "{text}");
        }
        for text in ["12", "CRM-12", "+35x"] {
            assert!(!terms(text).contains("phone"), "{text}");
        }
        assert_eq!(spellings("éa"), ["éa", "Éa"]);
        assert_eq!(spellings("Šime"), ["Šime", "šime"]);
        assert_eq!(spellings("jo"), ["jo"]);
        assert_eq!(spellings(""), [""; 0]);
    }

    #[test]
    fn the_other_case_is_what_unicode_says() {
        for letter in ('\u{80}'..'\u{180}')
            .chain('\u{391}'..'\u{3ca}')
            .chain('\u{400}'..'\u{460}')
        {
            let Some(other) = other_case(letter) else {
                continue;
            };
            let is = |mut all: Box<dyn Iterator<Item = char>>| all.next() == Some(other);
            let told = is(Box::new(letter.to_lowercase())) || is(Box::new(letter.to_uppercase()));
            assert!(
                told || matches!(letter, 'ς' | '\u{3a2}' | 'İ' | 'ı'),
                "{letter} {other}"
            );
        }
    }
}
