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
            name: name.filter(|name| !name.is_empty() && *name != email),
            email,
        })
    }
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
    let text = text.trim();
    if let Some((name, rest)) = text.rsplit_once('<') {
        let email = rest.split('>').next().unwrap_or_default();
        return Address::new(Some(name), email);
    }
    // The old way: the name as a comment behind the address.
    let (email, comment) = match text.split_once('(') {
        Some((email, comment)) => (email, Some(comment.trim_end_matches(')'))),
        None => (text, None),
    };
    // A group's name stands before its first address.
    let email = email.rsplit_once(':').map_or(email, |(_, email)| email);
    Address::new(comment, email)
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
