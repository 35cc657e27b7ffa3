//! What `application/x-www-form-urlencoded` is: in bodies, and behind the `?` of a URL.

use std::borrow::Cow;

/// What the format leaves as it is, beside letters and digits.
const PLAIN: &[u8] = b"*-._";

/// The pairs of a text, in order, empty and repeated ones included. What is no UTF-8 becomes U+FFFD.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    });
    pairs.collect()
}

/// The text of pairs.
#[must_use]
pub fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut form = String::new();
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        escape(name, PLAIN, "+", &mut form);
        form.push('=');
        escape(value, PLAIN, "+", &mut form);
    }
    form
}

/// Appends a text, all but letters, digits and what is `plain` as `%XX`, spaces as they are given.
pub fn escape(text: &str, plain: &[u8], space: &str, to: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |n: u8| char::from(HEX.get(usize::from(n)).copied().unwrap_or(b'0'));
    for byte in text.bytes() {
        match byte {
            b' ' => to.push_str(space),
            _ if byte.is_ascii_alphanumeric() || plain.contains(&byte) => to.push(byte.into()),
            _ => to.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// Decodes `%XX` and `+`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match (
                ahead.next().and_then(hex_digit),
                ahead.next().and_then(hex_digit),
            ) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = ahead;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_back_as_it_was_written() {
        let written = [("Body", "Olá 😀 & + = %"), ("To", "+1"), ("Empty", "")];
        let form = encoded(written);
        assert_eq!(
            form,
            "Body=Ol%C3%A1+%F0%9F%98%80+%26+%2B+%3D+%25&To=%2B1&Empty="
        );
        let read = pairs(&form);
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(read, written);
    }

    #[test]
    fn repeated_and_valueless_pairs_stay() {
        let read = pairs("a=1&&a=1&b&=c&d=%zz");
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            read,
            [("a", "1"), ("a", "1"), ("b", ""), ("", "c"), ("d", "%zz")]
        );
    }
}
