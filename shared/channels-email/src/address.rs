use customer::Email;
use std::borrow::Cow;

/// Longest name that is taken of a sender, in characters.
const MAX_NAME_CHARS: usize = 200;
/// Most addresses that are read of one header.
const MAX_ADDRESSES: usize = 100;

/// A person in a header: an address, and the name before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// What the person is called, where the header says.
    pub name: Option<String>,
    /// The address, in lower case.
    pub email: String,
}

impl Address {
    /// One of a name and an address that came apart; `None` for what is no address.
    #[must_use]
    pub fn new(name: Option<&str>, email: &str) -> Option<Self> {
        let email = Email::parse(Cow::Borrowed(email))?.as_str().to_owned();
        let name = name.map(clean_name);
        Some(Self {
            name: name.filter(|name| !name.is_empty() && !holds_address(name)),
            email,
        })
    }
}

/// Whether a name has an address in it. What stands before an address would pass for it.
fn holds_address(name: &str) -> bool {
    let is_edge = |c: char| !c.is_alphanumeric();
    let mut words = name.split(|c: char| c.is_whitespace() || ",;<>()[]\"".contains(c));
    words.any(|word| Email::parse(Cow::Borrowed(word.trim_matches(is_edge))).is_some())
}

/// Parses the addresses of a header (RFC 5322 §3.4) tolerantly: invalid ones and names of groups are
/// left out. At most a hundred.
#[must_use]
pub fn addresses(value: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let mut rest = value;
    while !rest.is_empty() && found.len() < MAX_ADDRESSES {
        let (one, after) = rest.split_at(end_of_address(rest));
        rest = after.get(1..).unwrap_or_default();
        found.extend(address(one));
    }
    found
}

/// Where the first address ends: at a comma, or what ends a group, outside of quotes and brackets.
fn end_of_address(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '<' => depth += 1,
            ')' | '>' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn address(text: &str) -> Option<Address> {
    // What stands in a comment or between quotes is no address, whatever it looks like.
    let (plain, comment) = without_comments(text.trim());
    let bracket = without_quotes(&plain).rfind('<');
    if let Some((name, rest)) = bracket.and_then(|at| plain.split_at_checked(at)) {
        let email = rest.get(1..).unwrap_or_default();
        let email = email.split('>').next().unwrap_or_default();
        return Address::new(Some(name), email);
    }
    // A group's name stands before its first address. The old way has the name as a comment.
    let email = plain.rsplit_once(':').map_or(&*plain, |(_, email)| email);
    Address::new(comment.as_deref(), email)
}

/// Whether a `From` may be read as more than one author, by whichever program.
pub(super) fn names_many(from: &str) -> bool {
    let (plain, _) = without_comments(from);
    let plain = without_quotes(&plain);
    let is_end = |c: char| c.is_whitespace() || "<>,;:()[]\"".contains(c);
    let mut authors = plain
        .split(is_end)
        .filter_map(|word| Email::parse(Cow::Borrowed(word)));
    let first = authors.next();
    authors.any(|other| Some(other) != first)
}

/// A text without its comments (RFC 5322 §3.2.2), and the first of them. As it is where one never ends.
fn without_comments(text: &str) -> (String, Option<String>) {
    let (mut plain, mut comment, mut depth, mut is_first) =
        (String::new(), String::new(), 0_usize, true);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in text.chars() {
        let was_escaped = std::mem::take(&mut is_escaped);
        match c {
            _ if was_escaped => {}
            '\\' => is_escaped = true,
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => {
                depth += 1;
                continue;
            }
            ')' if !is_quoted && depth > 0 => {
                depth -= 1;
                is_first &= depth > 0;
                continue;
            }
            _ => {}
        }
        match depth {
            0 => plain.push(c),
            _ if is_first => comment.push(c),
            _ => {}
        }
    }
    match depth {
        0 => (plain, Some(comment).filter(|comment| !comment.is_empty())),
        _ => (text.to_owned(), None),
    }
}

/// A text whose quoted parts are blanks, as many bytes as they were. As it is where one never ends.
fn without_quotes(text: &str) -> String {
    let (mut plain, mut is_quoted, mut is_escaped) = (String::new(), false, false);
    for c in text.chars() {
        let was_escaped = std::mem::take(&mut is_escaped);
        match c {
            _ if was_escaped => {}
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if !is_quoted => {
                plain.push(c);
                continue;
            }
            _ => {}
        }
        plain.extend(std::iter::repeat_n(' ', c.len_utf8()));
    }
    match is_quoted {
        true => text.to_owned(),
        false => plain,
    }
}

/// A name without its quotes and whatever would break a line.
fn clean_name(name: &str) -> String {
    let name = name.trim();
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = inner.unwrap_or(name);
    let mut clean = String::new();
    let mut is_escaped = false;
    for c in name.chars().take(MAX_NAME_CHARS) {
        if c == '\\' && !is_escaped {
            is_escaped = true;
            continue;
        }
        is_escaped = false;
        clean.push(if c.is_control() { ' ' } else { c });
    }
    clean.trim().to_owned()
}

/// An address without what stands behind a plus in its local part, and that.
#[must_use]
pub fn without_tag(email: &str) -> (String, Option<&str>) {
    let tagged = email
        .split_once('@')
        .and_then(|(local, domain)| Some((local.split_once('+')?, domain)));
    match tagged {
        Some(((local, tag), domain)) => (format!("{local}@{domain}"), Some(tag)),
        None => (email.to_owned(), None),
    }
}

/// A header's value for a name and an address: the name quoted, nothing in it that ends a line.
#[must_use]
pub fn named(name: Option<&str>, email: &str) -> String {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return email.to_owned();
    };
    let mut quoted = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    format!("{quoted}\" <{email}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(Option<String>, String)> {
        let all = addresses(value).into_iter();
        all.map(|one| (one.name, one.email)).collect()
    }

    fn one(name: &str, email: &str) -> (Option<String>, String) {
        (Some(name.into()), email.into())
    }

    #[test]
    fn names_and_addresses_are_read_in_every_usual_form() {
        let bare = |email: &str| (None, email.to_owned());
        assert_eq!(read("Joe@Example.com"), [bare("joe@example.com")]);
        assert_eq!(
            read("Joe Bloggs <joe@example.com>"),
            [one("Joe Bloggs", "joe@example.com")]
        );
        assert_eq!(
            read("\"Bloggs, Joe \\\"J\\\"\" <joe@example.com>, a@b.example"),
            [
                one("Bloggs, Joe \"J\"", "joe@example.com"),
                bare("a@b.example")
            ]
        );
        assert_eq!(
            read("joe@example.com (Joe)"),
            [one("Joe", "joe@example.com")]
        );
        assert_eq!(
            read("Jürgen Müller <j@b.example>"),
            [one("Jürgen Müller", "j@b.example")]
        );
        assert_eq!(
            read("Team: a@b.example, c@d.example;"),
            [bare("a@b.example"), bare("c@d.example")]
        );
        assert_eq!(read("<joe@example.com>"), [bare("joe@example.com")]);
    }

    #[test]
    fn no_address_hides_in_a_comment_or_between_quotes() {
        for (from, email) in [
            (
                "mallory@evil.example (<joe@example.com>)",
                "mallory@evil.example",
            ),
            (
                "(joe@example.com) mallory@evil.example",
                "mallory@evil.example",
            ),
            (
                "(a (b) <joe@example.com>) M <mallory@evil.example>",
                "mallory@evil.example",
            ),
            (
                "<mallory@evil.example> \"<joe@example.com>\"",
                "mallory@evil.example",
            ),
            (
                "M \"\\\" <joe@example.com>\" <mallory@evil.example>",
                "mallory@evil.example",
            ),
            ("Joe :( <joe@example.com>", "joe@example.com"),
            ("Joe \"J <joe@example.com>", "joe@example.com"),
        ] {
            assert_eq!(address(from).unwrap().email, email, "{from}");
            assert!(!names_many(from), "{from}");
        }
        for from in [
            "a@b.example, c@d.example",
            "<a@b.example> <c@d.example>",
            "a@b.example, <c@d.example>",
            "a@b.example <c@d.example>",
            "c@d.example (<a@b.example>",
            "c@d.example \"<a@b.example>",
        ] {
            assert!(names_many(from), "{from}");
        }
        for from in [
            "joe@example.com",
            "JOE@example.com <joe@example.com>",
            "",
            "Joe @ Acme <a@b.example>",
        ] {
            assert!(!names_many(from), "{from}");
        }
    }

    #[test]
    fn a_name_that_has_an_address_in_it_is_no_name() {
        for name in [
            "joe@example.com",
            "Joe <joe@example.com>",
            "Joe (joe@example.com)",
            "'joe@example.com'",
            "joe@example.com via Shop",
        ] {
            assert_eq!(
                Address::new(Some(name), "m@evil.example").unwrap().name,
                None,
                "{name}"
            );
        }
        for name in ["Joe @ Acme", "@joe", "Joe", "R&D"] {
            let address = Address::new(Some(name), "m@evil.example").unwrap();
            assert_eq!(address.name.as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        for none in [
            "",
            "undisclosed-recipients:;",
            "Joe",
            "<>",
            "a@b",
            "@",
            ",,,",
            "<<<",
            "\"",
            "a b@c.example",
        ] {
            assert_eq!(read(none), [], "{none}");
        }
        assert_eq!(addresses(&"a@b.example,".repeat(1000)).len(), 100);
    }

    #[test]
    fn no_name_breaks_a_line_or_out_of_its_quotes() {
        assert_eq!(
            read("a\r\nBcc: x\u{0} <a@b.example>"),
            [one("a  Bcc: x", "a@b.example")]
        );
        assert_eq!(
            named(Some("Joe \"\\\r\nBcc: x"), "a@b.example"),
            "\"Joe \\\"\\\\  Bcc: x\" <a@b.example>"
        );
        assert_eq!(named(Some(" "), "a@b.example"), "a@b.example");
        assert_eq!(named(None, "a@b.example"), "a@b.example");
    }

    #[test]
    fn a_tag_is_taken_off() {
        assert_eq!(
            without_tag("a+b+c@d.example"),
            ("a@d.example".into(), Some("b+c"))
        );
        assert_eq!(without_tag("a@d+e.example"), ("a@d+e.example".into(), None));
    }
}
