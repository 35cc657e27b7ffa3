//! Words, as they are searched: folded to lower case without accents, and alike by their trigrams.

/// Lower case without the accents and letters that SQLite's tokenizer leaves (`ł`, `ß`, `ø` and others do not
/// decompose).
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        // Nearly all are: the tables of Unicode are slow.
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        for c in c.to_lowercase() {
            match base_of(c) {
                Some(base) => folded.push_str(base),
                None => folded.push(c),
            }
        }
    }
    folded
}

/// What stands for a letter of Latin script with a mark; nothing for a mark that stands alone.
fn base_of(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\u{300}'..='\u{36f}' => "",
        _ => return None,
    })
}

/// What of a chunk is searched by words: the values of its lines, without the paths before them. Phone numbers stand
/// there once more as bare digits, since people group them in many ways.
pub(crate) fn searchable(text: &str) -> String {
    let values = text.lines().map(value_of);
    let mut words = String::with_capacity(text.len());
    for value in values {
        words.push_str(&folded(value));
        words.push('\n');
        let is_grouped = value.bytes().any(|byte| !byte.is_ascii_digit());
        if is_grouped && let Some(digits) = phone_digits(value.trim()) {
            words.push_str(&digits);
            words.push('\n');
        }
    }
    words
}

/// What stands behind the path of a line; the whole line, where none is before it.
fn value_of(line: &str) -> &str {
    match line.split_once(": ") {
        Some((path, value)) if !path.is_empty() && !path.contains(' ') => value,
        _ => line,
    }
}

/// The words of a folded text: runs of letters and digits, with the `@`, `.`, `-`, `_`, `+` and `#` within them.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+' | '#');
    folded
        .split(move |c: char| !is_inner(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
}

/// Words that say nothing of what is asked for.
const STOP_WORDS: [&str; 83] = [
    "a",
    "about",
    "all",
    "an",
    "and",
    "any",
    "anybody",
    "anyone",
    "anything",
    "are",
    "as",
    "at",
    "be",
    "been",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "find",
    "for",
    "from",
    "get",
    "give",
    "had",
    "has",
    "have",
    "he",
    "her",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "know",
    "list",
    "look",
    "me",
    "my",
    "not",
    "of",
    "on",
    "or",
    "our",
    "out",
    "please",
    "she",
    "should",
    "show",
    "so",
    "somebody",
    "someone",
    "something",
    "tell",
    "that",
    "the",
    "their",
    "them",
    "there",
    "they",
    "this",
    "to",
    "up",
    "us",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "whose",
    "will",
    "with",
    "would",
    "you",
    "your",
];

/// The words of a question that count: folded, each once, without stop words and single characters.
pub(crate) fn question_words(question: &str) -> Vec<String> {
    let folded = folded(question);
    let mut counting: Vec<String> = Vec::new();
    for word in words(&folded) {
        let is_single = word.chars().nth(1).is_none();
        if !is_single && !STOP_WORDS.contains(&word) && !counting.iter().any(|known| known == word)
        {
            counting.push(word.to_owned());
        }
    }
    counting
}

/// The trigrams of a word with its ends (`^word$`), sorted, as numbers that differ where they do.
pub(crate) fn trigrams(word: &str) -> Vec<u64> {
    let mut window = [0_u64, 0, u64::from('^')];
    let mut trigrams = Vec::with_capacity(word.len());
    for c in word.chars().chain(['$']) {
        window = [window[1], window[2], u64::from(c)];
        if window[0] != 0 {
            trigrams.push(window[0] << 42 | window[1] << 21 | window[2]);
        }
    }
    trigrams.sort_unstable();
    trigrams
}

/// Dice's coefficient of two sorted lists: from 0 to 1.
pub(crate) fn dice(a: &[u64], b: &[u64]) -> f32 {
    let (mut at_a, mut at_b, mut common) = (a, b, 0_u16);
    while let ([x, rest_of_a @ ..], [y, rest_of_b @ ..]) = (at_a, at_b) {
        common += u16::from(x == y);
        if x <= y {
            at_a = rest_of_a;
        }
        if y <= x {
            at_b = rest_of_b;
        }
    }
    let all = u16::try_from(a.len() + b.len()).unwrap_or(u16::MAX).max(1);
    2.0 * f32::from(common) / f32::from(all)
}

/// Whether one slip makes one word of the other: a letter too many, too few or another, or two that changed places.
/// Trigrams do not tell, since one slip takes up to four of them from a short word. Of words of letters alone, four at
/// least: numbers that differ in a digit are not alike.
pub(crate) fn is_slip(a: &[char], b: &[char]) -> bool {
    let is_long = a.len().max(b.len()) >= 4 && a.len().abs_diff(b.len()) <= 1;
    if !is_long || !a.iter().chain(b).all(|c| c.is_alphabetic()) {
        return false;
    }
    let alike = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.split_at(alike).1, b.split_at(alike).1);
    let ends = a.iter().rev().zip(b.iter().rev());
    let alike = ends.take_while(|(x, y)| x == y).count();
    match (a.split_at(a.len() - alike).0, b.split_at(b.len() - alike).0) {
        ([_] | [], [_] | []) => true,
        ([x, y], [v, w]) => x == w && y == v,
        _ => false,
    }
}

/// The digits of a word that may be a phone number, without leading zeros: seven at least.
pub(crate) fn phone_digits(text: &str) -> Option<String> {
    let is_number =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/');
    if !text.chars().all(is_number) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (digits.len() >= 7).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_cases_are_folded() {
        assert_eq!(
            folded("Łódź STRAẞE Søren È e\u{301}"),
            "lodz strasse soren e e"
        );
        assert_eq!(folded("Ωμέγα 東京"), "ωμέγα 東京");
    }

    #[test]
    fn values_are_searched_and_paths_are_not() {
        let text =
            "customers[0].name: John Doe\ncustomers[0].note: Likes: tea\nA line of prose: yes";
        assert_eq!(
            searchable(text),
            "john doe\nlikes: tea\na line of prose: yes\n"
        );
    }

    #[test]
    fn words_of_a_question_are_what_is_asked_for() {
        assert_eq!(
            question_words("What is the order #A-1043 of John.Doe@Example.com?"),
            ["order", "a-1043", "john.doe@example.com"]
        );
        assert!(question_words("is it a").is_empty());
    }

    #[test]
    fn likeness_is_of_trigrams() {
        let likeness = |a: &str, b: &str| dice(&trigrams(a), &trigrams(b));
        assert!((likeness("order", "order") - 1.0).abs() < f32::EPSILON);
        assert!(likeness("jonathan", "jonathon") >= 0.5);
        assert!(likeness("order", "customer") < 0.5);
        assert!((likeness("", "x")).abs() < f32::EPSILON);
    }

    #[test]
    fn one_slip_of_a_word_is_known() {
        let is = |a: &str, b: &str| {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            is_slip(&letters(a), &letters(b)) && is_slip(&letters(b), &letters(a))
        };
        for slip in [
            "collnis", "colins", "collinss", "collons", "ocllins", "collisn",
        ] {
            assert!(is("collins", slip), "{slip}");
        }
        for other in ["colns", "collonz", "clolnis", "rollin"] {
            assert!(!is("collins", other), "{other}");
        }
        assert!(is("nair", "nar") && !is("nar", "mar"));
        assert!(!is("35005", "35006") && !is("a1043", "a1044"));
    }

    #[test]
    fn numbers_that_are_grouped_are_searched_as_digits_too() {
        let text = "phone: (086) 123-4567\nsku: 1234567890\nnote: 12";
        let words = "(086) 123-4567\n861234567\n1234567890\n12\n";
        assert_eq!(searchable(text), words);
    }

    #[test]
    fn numbers_of_phones_are_those_of_seven_digits() {
        assert_eq!(
            phone_digits("+353 (0)86-123 4567").as_deref(),
            Some("3530861234567")
        );
        assert_eq!(phone_digits("0861234567").as_deref(), Some("861234567"));
        assert_eq!(phone_digits("A1234567"), None);
        assert_eq!(phone_digits("12345"), None);
    }
}
