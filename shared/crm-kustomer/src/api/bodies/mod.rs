//! What requests say. Kustomer refuses a body with any key that it does not know (kustomer.md §3), so that each
//! is written key by key; what is absent is left out, and what is too long is cut.

mod conversation;
mod customer;
mod message;
mod search;

pub use conversation::{ConversationPatch, NewConversation};
pub use customer::{
    CustomerPatch, FacebookId, InstagramId, NewCustomer, Social, accounts_united, contacts_united,
};
pub use message::{AttachmentRef, DeliveryError, NewMessage, NewNote};
pub use search::Search;

use common::json::raw::object;
use common::json::writer::{JsonWriter, quoted};
use common::time::Timestamp;

/// Longest text of a message or a note. Counted in UTF-16, which is never less than what Kustomer
/// counts.
pub const MAX_TEXT: usize = 10_240;
/// Longest name, subject, title of an error.
pub(super) const MAX_NAME: usize = 256;
/// Longest external id. A longer one is left out: cut, it could be another's.
const MAX_EXTERNAL_ID: usize = 256;
/// Most tags of a record, and their length.
const MAX_TAGS: usize = 20;
const MAX_TAG: usize = 64;
/// Most contacts of a kind; most people or teams that a conversation is assigned to.
const MAX_LIST: usize = 10;

/// A long text in parts, each of which a note or a message takes whole: cut at the end of a line or
/// of a word where there is one in the last tenth. None for an empty text.
#[must_use]
pub fn parts_of(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let whole = cut(rest, MAX_TEXT);
        let least = whole.len() - whole.len() / 10;
        let end = |pattern: char| whole.rfind(pattern).filter(|at| *at >= least);
        let part = match whole.len() == rest.len() {
            true => whole,
            false => {
                let at = end('\n').or_else(|| end(' ')).unwrap_or(whole.len());
                whole.get(..at).unwrap_or(whole)
            }
        };
        parts.push(part.trim_end());
        rest = rest.get(part.len()..).unwrap_or_default().trim_start();
    }
    parts
}

/// The first twenty tags that Kustomer takes, each once: 1 to 64 characters, of which only later
/// ones may be spaces (kustomer.md §3).
#[must_use]
pub fn usable_tags(tags: &[String]) -> Vec<&str> {
    let mut usable = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        if is_tag(tag) && !usable.contains(&tag) && usable.len() < MAX_TAGS {
            usable.push(tag);
        }
    }
    usable
}

fn is_tag(tag: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || ('À'..='ÿ').contains(&c) || "_/<>-.".contains(c);
    (1..=MAX_TAG).contains(&tag.chars().count()) && tag.chars().all(|c| plain(c) || c == ' ')
}

/// A time as Kustomer writes it: UTC with milliseconds.
pub(super) fn iso(at: Timestamp) -> String {
    let text = at.to_string();
    let millis = text
        .strip_suffix('Z')
        .and_then(|text| text.get(..text.len() - 3));
    format!("{}Z", millis.unwrap_or_default())
}

/// The beginning of a text, at a character's boundary.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > max {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

fn external_id(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty() && cut(id, MAX_EXTERNAL_ID).len() == id.len())
}

/// Adds a list of texts where anything is in it.
fn texts(to: JsonWriter, name: &'static str, items: &[String]) -> JsonWriter {
    list(to, name, items, MAX_LIST, |item| Some(quoted(item)))
}

/// Adds a list where anything is in it.
fn list<T>(
    to: JsonWriter,
    name: &'static str,
    items: &[T],
    max: usize,
    write: impl Fn(&T) -> Option<String>,
) -> JsonWriter {
    let items: Vec<_> = items.iter().filter_map(write).take(max).collect();
    match items.is_empty() {
        true => to,
        false => to.json(name, &array(&items)),
    }
}

/// Adds a list that may be empty.
fn replaced(to: JsonWriter, name: &'static str, items: Option<&[String]>) -> JsonWriter {
    match items {
        Some([]) => to.json(name, "[]"),
        Some(items) => texts(to, name, items),
        None => to,
    }
}

pub(super) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn json(to: JsonWriter, name: &'static str, value: Option<&str>) -> JsonWriter {
    match value {
        Some(value) => to.json(name, value),
        None => to,
    }
}

/// Adds custom attributes, where they are an object: what is none would break the body.
fn custom(to: JsonWriter, attributes: Option<&str>) -> JsonWriter {
    json(
        to,
        "custom",
        attributes.filter(|json| object(json).is_some()),
    )
}

fn time(to: JsonWriter, name: &'static str, at: Option<Timestamp>) -> JsonWriter {
    to.maybe(name, at.map(iso).as_deref())
}

fn rev(to: JsonWriter, rev: Option<i64>) -> JsonWriter {
    json(to, "rev", rev.map(|rev| rev.to_string()).as_deref())
}
