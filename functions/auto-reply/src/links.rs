//! Links, addresses and numbers in a text.

/// What may stand around a link or an address in prose.
const AROUND: [char; 16] = [
    '(', ')', '[', ']', '<', '>', '{', '}', '"', '\'', '`', ',', ';', '|', '*', '“',
];
/// Fewest digits of what may be somebody's number.
const MIN_NUMBER: usize = 7;
/// Fewest digits of what is nothing but somebody's number: a date has eight.
const SURE_NUMBER: usize = 9;

fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || AROUND.contains(&c));
    let bare = parts.map(|part| part.trim_matches(['.', '!', '?', ':', '…']));
    bare.filter(|part| !part.is_empty())
}

/// What a reader, or their program, takes for a link: with a scheme, or a domain alone.
pub(crate) fn links(text: &str) -> Vec<&str> {
    words(text).filter(|word| is_link(word)).collect()
}

fn is_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    let has_scheme = ["mailto:", "tel:", "javascript:", "data:", "sms:"];
    lower.contains("://")
        || lower.starts_with("www.")
        || has_scheme.iter().any(|scheme| lower.starts_with(scheme))
        || (!word.contains('@') && is_host(word))
}

/// Whether a word begins with a domain, or with an address of the internet's protocol.
fn is_host(word: &str) -> bool {
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split(['.', '。', '．', '｡']).collect();
    let (Some(last), true) = (labels.last(), labels.len() > 1) else {
        return false;
    };
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if !labels.iter().all(is_label) {
        return false;
    }
    if labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return true;
    }
    // `today.Your` is the end of a sentence.
    let of_one_case =
        last.chars().all(|c| !c.is_uppercase()) || last.chars().all(|c| !c.is_lowercase());
    last.chars().count() > 1 && of_one_case && !last.chars().any(|c| c.is_ascii_digit())
}

/// Addresses of email, in lower case.
pub(crate) fn emails(text: &str) -> Vec<String> {
    let is_email = |word: &&str| {
        word.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    words(text)
        .filter(is_email)
        .map(str::to_lowercase)
        .collect()
}

/// A number that may be somebody's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Its digits alone, without the zeros before a country.
    pub(crate) digits: String,
    /// Whether it is hardly anything else.
    pub(crate) is_sure: bool,
}

/// Numbers that may be somebody's, such as `+353 87 765 4321` and `(087) 765-4321`; no dates.
pub(crate) fn numbers(text: &str) -> Vec<Number> {
    let is_part = |c: char| {
        c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '/' | '.' | '\u{a0}')
    };
    // A number with its country begins anew, whatever stands before it.
    let spaced = text.replace('+', "\n+");
    let runs = spaced.split(|c: char| !is_part(c));
    runs.filter_map(number_of).collect()
}

fn number_of(run: &str) -> Option<Number> {
    let pieces = run.split(|c: char| !c.is_ascii_digit());
    let has_plus = run.starts_with('+');
    let is_year =
        |piece: &str| piece.len() == 4 && (piece.starts_with("19") || piece.starts_with("20"));
    let is_of_date = |piece: &str| piece.len() <= 2 || is_year(piece);
    if !has_plus && pieces.clone().any(is_year) && pieces.clone().all(is_of_date) {
        return None;
    }
    let digits: String = pieces.collect();
    let is_whole = has_plus || digits.starts_with("00");
    (digits.trim_start_matches('0').len() >= MIN_NUMBER).then(|| Number {
        is_sure: is_whole || digits.len() >= SURE_NUMBER,
        digits: match digits.strip_prefix("00") {
            Some(digits) => digits.to_owned(),
            None => digits,
        },
    })
}
