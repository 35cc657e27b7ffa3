//! Words, folded so that those that people write in several ways are one.

/// Words that matching ignores: articles, of all languages.
const ARTICLES: &str = "a an the ein eine einen einem einer der die das den dem un una uno une le la \
                        les l el los las um uma o os as il lo gli een het";

/// The words of a text, in lower case and without accents.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if is_mark(c) {
            continue;
        }
        if is_of_word(c) {
            folded(c, &mut word);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words that count: all but articles.
#[must_use]
pub fn counting(words: &[String]) -> Vec<String> {
    let is_article = |word: &str| {
        ARTICLES
            .split_ascii_whitespace()
            .any(|article| article == word)
    };
    let counting = words.iter().filter(|word| !is_article(word));
    counting.cloned().collect()
}

/// What is written above or below a letter, or joins letters, and is often left out.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{93c}'
        | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// Signs of Devanagari's vowels are part of their word; its full stop is not.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{900}'..='\u{963}' | '\u{966}'..='\u{97f}')
}

fn folded(c: char, word: &mut String) {
    word.push(match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ß' => return word.push_str("ss"),
        'œ' => return word.push_str("oe"),
        'æ' => return word.push_str("ae"),
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ة' => 'ه',
        'ى' => 'ي',
        'ँ' => 'ं',
        itself => itself,
    });
}
