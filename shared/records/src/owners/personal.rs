//! What looks like somebody's although nothing says whose.

use super::email;
use super::names::{self, identity_of};
use crate::text::words_of_name;
use crate::{MAX_DEPTH, Node};

/// Whether a part of a record looks like somebody's although nothing said whose.
pub(super) fn looks_personal(value: &Node, depth: usize) -> bool {
    let is_personal = |(name, value): &(String, Node)| {
        let words = words_of_name(name);
        let is_named = || {
            identity_of(&words).is_some()
                || names::is_contact(&words)
                || names::is_persons_field(&words)
        };
        says_something(value, 0) && (is_named() || looks_personal(value, depth + 1))
    };
    match value {
        Node::Text(text) => is_address(text.trim()),
        Node::List(items) => {
            depth < MAX_DEPTH && items.iter().any(|item| looks_personal(item, depth + 1))
        }
        Node::Object(fields) => depth < MAX_DEPTH && fields.iter().any(is_personal),
        _ => false,
    }
}

/// Whether there is a text or a number in a value.
fn says_something(value: &Node, depth: usize) -> bool {
    match value {
        Node::List(items) => {
            depth < MAX_DEPTH && items.iter().any(|item| says_something(item, depth + 1))
        }
        Node::Object(fields) => {
            depth < MAX_DEPTH
                && fields
                    .iter()
                    .any(|(_, value)| says_something(value, depth + 1))
        }
        value => value.filled().is_some(),
    }
}

/// Whether a whole value is an email address or an international phone number.
fn is_address(text: &str) -> bool {
    let is_phone = text.strip_prefix('+').is_some_and(|rest| {
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        (8..=15).contains(&digits)
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || " ()-./".contains(c))
    });
    is_phone || (text.contains('@') && text.len() < 255 && email(text).is_some())
}
