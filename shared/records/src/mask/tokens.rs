//! Keys, tokens, passwords.

use super::{Span, around};

/// How the keys of vendors begin, and how long they are at least.
const PREFIXES: [(&str, usize); 35] = [
    ("sk_live_", 14),
    ("sk_test_", 14),
    ("rk_live_", 14),
    ("rk_test_", 14),
    ("whsec_", 16),
    ("shpat_", 14),
    ("shpca_", 14),
    ("shppa_", 14),
    ("shpss_", 14),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 15),
    ("xoxb-", 15),
    ("xoxp-", 15),
    ("xoxa-", 15),
    ("xoxs-", 15),
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("sk-", 24),
    ("pat-na1-", 16),
    ("pat-na2-", 16),
    ("pat-eu1-", 16),
    ("SG.", 30),
    ("AIza", 35),
    ("ya29.", 20),
    ("npm_", 30),
    ("dop_v1_", 30),
    ("hf_", 30),
    ("EAA", 80),
    ("AKIA", 20),
    ("ASIA", 20),
];
/// Words that a secret follows.
const LEADS: [&str; 12] = [
    "password",
    "passwd",
    "passwort",
    "passcode",
    "passphrase",
    "pwd",
    "pin",
    "cvv",
    "cvc",
    "cvv2",
    "ssn",
    "otp",
];
/// Longest secret behind such a word, in bytes.
const MAX_SAID: usize = 64;

/// The secrets of a text. One pass over its words, and one for each mark that long secrets have.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    private_keys(text, &mut spans);
    passwords_of_urls(text, &mut spans);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(start) = rest.find(is_part) else {
            break;
        };
        let word = rest.get(start..).unwrap_or_default();
        let word = word
            .get(..word.find(|c| !is_part(c)).unwrap_or(word.len()))
            .unwrap_or_default();
        let (from, bare) = (at + start, word.trim_end_matches(['.', '-']));
        at = from + word.len();
        if is_key(bare) || is_web_token(bare) {
            spans.push(Span::hidden(from, from + bare.len()));
        } else if bare.eq_ignore_ascii_case("bearer") {
            let said = text.get(at..).unwrap_or_default().trim_start();
            let token = said
                .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','))
                .next()
                .unwrap_or_default();
            if token.len() >= 16 && token.bytes().any(|byte| byte.is_ascii_digit()) {
                let start = text.len() - said.len();
                spans.push(Span::hidden(start, start + token.len()));
            }
        } else if bare.len() <= 10 && LEADS.iter().any(|lead| bare.eq_ignore_ascii_case(lead)) {
            spans.extend(said_behind(text, from + bare.len()));
        }
    }
    spans
}

fn is_key(word: &str) -> bool {
    let known = PREFIXES
        .iter()
        .any(|(prefix, length)| word.len() >= *length && word.starts_with(prefix));
    let (mut has_digit, mut is_upper) = (false, true);
    for byte in word.bytes() {
        has_digit |= byte.is_ascii_digit();
        is_upper &= byte.is_ascii_uppercase() || byte.is_ascii_digit();
    }
    let is_aws = word.starts_with("AKIA") || word.starts_with("ASIA");
    known && has_digit && (!is_aws || (is_upper && word.len() == 20))
}

/// A JWT: a header that is JSON, a body, a signature (RFC 7519).
fn is_web_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let header = parts
        .next()
        .is_some_and(|part| part.starts_with("eyJ") && part.len() > 8);
    header && parts.next().is_some_and(|part| part.len() > 8) && parts.next().is_some()
}

/// From `-----BEGIN … PRIVATE KEY-----` to its end, or to that of the text.
fn private_keys(text: &str, spans: &mut Vec<Span>) {
    const BEGIN: &str = "-----BEGIN ";
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(BEGIN)) {
        let start = at + start;
        let inner = text.get(start + BEGIN.len()..).unwrap_or_default();
        at = start + BEGIN.len();
        let label = inner.split("-----").next().unwrap_or_default();
        if label.len() > 40 || !label.ends_with("PRIVATE KEY") {
            continue;
        }
        let end = inner.find("-----END ").map(|end| at + end + 9);
        let end = end.map_or(text.len(), |end| {
            let rest = text.get(end..).unwrap_or_default();
            end + rest.find("-----").map_or(rest.len(), |close| close + 5)
        });
        spans.push(Span::hidden(start, end));
        at = end;
    }
}

/// The password of `scheme://user:password@host`.
fn passwords_of_urls(text: &str, spans: &mut Vec<Span>) {
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let rest = crate::text::within_bytes(text.get(start..).unwrap_or_default(), 300);
        let place = rest
            .split(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c))
            .next()
            .unwrap_or_default();
        if let Some((user, _)) = place.rsplit_once('@')
            && let Some((name, password)) = user.split_once(':')
            && !password.is_empty()
        {
            let from = start + name.len() + 1;
            spans.push(Span::hidden(from, from + password.len()));
        }
    }
}

/// What is said behind `password`, `PIN` and the like: behind `:`, `=` or `is` whatever has a digit or a mark in it, with
/// nothing between what has a digit.
fn said_behind(text: &str, at: usize) -> Option<Span> {
    let behind = crate::text::within_bytes(text.get(at..)?, 2 * MAX_SAID);
    let mut rest = behind.trim_start_matches([' ', '"', '\'']);
    for word in ["number", "code", "no."] {
        let is_it = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word));
        if is_it {
            rest = rest.get(word.len()..)?.trim_start();
        }
    }
    let bare = rest.trim_start_matches([':', '=', '#', ' ', '"', '\'']);
    let is_word = bare
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("is "));
    let bare = if is_word {
        bare.get(3..)?.trim_start_matches([':', ' ', '"', '\''])
    } else {
        bare
    };
    let is_led = is_word || rest.starts_with([':', '=']);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    let digits = bare.find(|c| !is_number(c)).unwrap_or(bare.len());
    let number = bare.get(..digits)?.trim_end_matches([' ', '-']);
    let word = bare
        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'))
        .next()?;
    let word = word.trim_end_matches(['.', ',', ';', '!', '?', ')', '\'']);
    let said = if number.len() > word.len() {
        number
    } else {
        word
    };
    let has_digit = said.bytes().any(|byte| byte.is_ascii_digit());
    let has_mark = said.chars().any(|c| {
        c.is_ascii_punctuation() && !matches!(c, '-' | '\'' | '.' | '/' | '*' | '_' | ',')
    });
    let is_said = (3..=MAX_SAID).contains(&said.len())
        && !said.contains("://")
        && (has_digit || (is_led && has_mark));
    let start = at + behind.len() - bare.len();
    let (before, _) = around(text, start, start);
    (is_said && before.is_some()).then(|| Span::hidden(start, start + said.len()))
}
