//! Against a model of what Chatwoot does with a text: `Liquidable`, and Liquid's two ways to cut tokens.

use super::*;
use proptest::prelude::*;

/// The text between backticks made raw, as `modified_liquid_content` does.
fn modified(content: &str) -> String {
    let mut modified = String::new();
    let mut rest = content;
    while let Some((before, quoted, after)) = next_pair(rest) {
        modified.push_str(&format!("{before}{{% raw %}}`{quoted}`{{% endraw %}}"));
        rest = after;
    }
    modified + rest
}

/// Cuts as Liquid 5.4: `{%.*?%}`, `{{.*?}}?`, or an opening alone.
fn tokens_of_5_4(template: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let at = ["{%", "{{"].iter().filter_map(|open| rest.find(open)).min();
        let at = at.unwrap_or(rest.len());
        let length = match rest.get(at..at + 2) {
            _ if at > 0 => at,
            Some("{%") => rest.find("%}").map_or(2, |end| end + 2),
            _ => match rest.find('}') {
                Some(end) if rest[end + 1..].starts_with('}') => end + 2,
                Some(end) => end + 1,
                None => 2,
            },
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Cuts as Liquid 5.6, which goes on to the end of a tag where one begins within a variable.
fn tokens_of_5_6(template: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let at = ["{%", "{{"].iter().filter_map(|open| rest.find(open)).min();
        let at = at.unwrap_or(rest.len());
        let tag_end = |from: usize| rest[from..].find("%}").map_or(2, |end| from + end + 2);
        let length = match rest.get(at..at + 2) {
            _ if at > 0 => at,
            Some("{%") => tag_end(2),
            _ => variable_end(rest, tag_end),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn variable_end(rest: &str, tag_end: impl Fn(usize) -> usize) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 2;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'}', Some(b'}')) => return at + 2,
            (b'}', _) => return at + 1,
            (b'{', Some(b'%')) => return tag_end(at + 2),
            _ => at += 1,
        }
    }
    2
}

fn is_endraw(token: &str) -> Option<&str> {
    let inner = token.strip_suffix("%}")?;
    let open = inner.rfind("{%")?;
    let name = inner[open + 2..].trim_start_matches('-').trim();
    let name = name.trim_end_matches('-').trim();
    // The name may be followed by anything.
    name.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .filter(|name| *name == "endraw")?;
    Some(&inner[..open])
}

/// Renders; `None` where Liquid refuses, and "?" for whatever is no constant of ours.
fn rendered(tokens: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match *token {
            BRACE => text.push('{'),
            BACKTICK => text.push('`'),
            "{% raw %}" => loop {
                let token = tokens.next()?;
                if let Some(before) = is_endraw(token) {
                    text.push_str(before);
                    break;
                }
                text.push_str(token);
            },
            token if token.starts_with("{%") => return None,
            token if token.starts_with("{{") => {
                token.strip_suffix("}}").filter(|inner| inner.len() > 2)?;
                text.push('?');
            }
            token => text.push_str(token),
        }
    }
    Some(text)
}

/// What a customer sees of a text that was posted.
fn shown(content: &str) -> [Option<String>; 2] {
    let modified = modified(content);
    [
        rendered(&tokens_of_5_4(&modified)),
        rendered(&tokens_of_5_6(&modified)),
    ]
}

#[test]
fn what_liquid_does_not_touch_stays_as_it_is() {
    for text in [
        "",
        "Hi 😀",
        "{a} }} %} { % } {",
        "a ` b { c",
        "` `` ``` `x` {x}",
        "100% {sure}",
    ] {
        assert!(matches!(liquid_escaped(text), Cow::Borrowed(same) if same == text));
        let seen = Some(text.to_owned());
        assert_eq!(shown(text), [seen.clone(), seen], "{text}");
    }
}

#[test]
fn the_model_sees_what_is_not_escaped() {
    for text in ["{{contact.email}}", "{% if a %}", "{`a`", "{{"] {
        assert_ne!(shown(text)[0].as_deref(), Some(text), "{text}");
    }
}

#[test]
fn a_variable_and_a_tag_are_shown_as_they_were_written() {
    for (text, escaped) in [
        ("{{contact.email}}", "{{ '{' }}{contact.email}}"),
        ("{% assign a = 1 %}", "{{ '{' }}% assign a = 1 %}"),
        ("{{{", "{{ '{' }}{{ '{' }}{"),
        ("`{{raw}}` {{not}}", "`{{raw}}` {{ '{' }}{not}}"),
        ("{`code`", "{{ '{' }}`code`"),
        (
            "`{{`}",
            "{{ '%60' | url_decode }}{{ '{' }}{{ '{' }}{{ '%60' | url_decode }}}",
        ),
        (
            "`{% endraw %}{{contact.email}}`",
            "{{ '%60' | url_decode }}{{ '{' }}% endraw %}{{ '{' }}{contact.email}}{{ '%60' | url_decode }}",
        ),
    ] {
        assert_eq!(liquid_escaped(text), escaped);
        let seen = Some(text.to_owned());
        assert_eq!(shown(escaped), [seen.clone(), seen], "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_text_is_shown_as_it_was_written(
        parts in proptest::collection::vec(
            prop_oneof![
                6 => "[`{}%]",
                2 => "[`{}%| '\\-a\n]",
                3 => prop_oneof![Just("{{"), Just("}}"), Just("{%"), Just("%}")].prop_map(str::to_owned),
                1 => Just("endraw".to_owned()),
                1 => Just("{% raw %}".to_owned()),
                1 => Just("{%- endraw -%}".to_owned()),
                1 => Just("{{contact.name}}".to_owned()),
                1 => Just("é😀".to_owned()),
            ],
            0..24,
        )
    ) {
        let text = parts.concat();
        let escaped = liquid_escaped(&text);
        let seen = Some(text.clone());
        prop_assert_eq!(shown(&escaped), [seen.clone(), seen], "{} became {}", text, escaped);
    }
}
