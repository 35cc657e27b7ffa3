//! Colours for code, by a look at its tokens.

use maud::{Markup, html};

/// JSON: `b` keys, `i` texts, `u` other values. Elements, since thousands of classes are 3 % of the page.
pub(super) fn json(text: &str) -> Markup {
    coloured(text, |rest, first| match first {
        '"' => {
            let (token, after) = cut(rest, string_length(rest, '"'));
            let is_key = after.trim_start().starts_with(':');
            (token, Some(if is_key { "b" } else { "i" }))
        }
        '0'..='9' | '-' | 't' | 'f' | 'n' => (word(rest), Some("u")),
        _ => (cut(rest, first.len_utf8()).0, None),
    })
}

/// A shell: `f` commands, `o` options, `i` texts, `c` comments; JSON within single quotes.
pub(super) fn shell(text: &str) -> Markup {
    let mut parts = text.split('\'');
    let first = parts.next().unwrap_or_default();
    let quoted = parts.enumerate().map(|(n, part)| {
        let is_inside = n % 2 == 0;
        html! { "'" @if is_inside { (json(part)) } @else { (words(part)) } }
    });
    html! { (words(first)) @for part in quoted { (part) } }
}

fn words(text: &str) -> Markup {
    coloured(text, |rest, first| match first {
        '"' => (cut(rest, string_length(rest, '"')).0, Some("i")),
        '#' => (
            cut(rest, rest.find('\n').unwrap_or(rest.len())).0,
            Some("c"),
        ),
        '-' => (word(rest), Some("o")),
        'a'..='z' | 'A'..='Z' => {
            let token = word(rest);
            (token, ["curl", "export"].contains(&token).then_some("f"))
        }
        _ => (cut(rest, first.len_utf8()).0, None),
    })
}

fn coloured<'t>(
    text: &'t str,
    next: impl Fn(&'t str, char) -> (&'t str, Option<&'static str>),
) -> Markup {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, class) = next(rest, first);
        rest = cut(rest, token.len().max(first.len_utf8())).1;
        tokens.push((token, class));
    }
    html! {
        @for (token, class) in tokens {
            @match class {
                Some("b") => b { (token) },
                Some("i") => i { (token) },
                Some("u") => u { (token) },
                Some(class) => span class=(class) { (token) },
                None => (token),
            }
        }
    }
}

fn cut(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// Letters, digits and what joins them.
fn word(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-+._".contains(c);
    cut(text, text.find(|c| !is_part(c)).unwrap_or(text.len())).0
}

/// How long the quoted text is with which this begins.
fn string_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader would copy.
    fn copied(markup: &Markup) -> String {
        let pieces = markup.0.split('<').enumerate().map(|(n, piece)| {
            if n == 0 {
                piece
            } else {
                piece.split_once('>').map_or("", |(_, text)| text)
            }
        });
        let text: String = pieces.collect();
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    #[test]
    fn colours_change_nothing_of_the_text() {
        let code = "curl -X POST \"http://x/?a=b&c=$D\" \\\n  -d '{\"a\": [1.5, \"b\\\"c<é\", null]}' # é\n";
        assert_eq!(copied(&shell(code)), code);
        assert_eq!(copied(&json(code)), code);
        for odd in ["", "\"", "'", "\"\\", "é\"é", "-", "{\"a\" : 1"] {
            assert_eq!(copied(&json(odd)), odd);
            assert_eq!(copied(&shell(odd)), odd);
        }
    }

    #[test]
    fn keys_and_texts_differ() {
        let markup = json("{\"a\" : \"b\", \"c\":-1e3}").into_string();
        let coloured = |tag: &str, text: &str| format!("<{tag}>{text}</{tag}>");
        assert!(markup.contains(&coloured("b", "&quot;a&quot;")), "{markup}");
        assert!(markup.contains(&coloured("i", "&quot;b&quot;")), "{markup}");
        assert!(markup.contains(&coloured("u", "-1e3")), "{markup}");
    }
}
