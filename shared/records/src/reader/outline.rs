//! Where the records of a JSON document are: one pass notes the lists of its upper levels, and checks the rest.

use super::Parser;
use crate::text::within_bytes;
use crate::{Node, Trouble};

/// How many levels of objects are looked through for a list.
pub(super) const LEVELS: usize = 5;
/// How many fields an outline has at most; those behind are checked and not noted.
const MAX_NOTED: usize = 2_000;
/// Of longer names and values the beginning is noted, as it is written.
const MAX_BYTES: usize = 1024;
/// What a record itself has and an envelope has not.
const OWN_KEYS: [&str; 6] = ["id", "_id", "uuid", "gid", "email", "sku"];

/// A noted value.
pub(crate) struct Note {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) kind: Noted,
}

/// What of a value is noted.
pub(super) enum Noted {
    Object(Vec<Note>),
    List {
        items: usize,
        objects: usize,
    },
    Null,
    /// Whether there is something in it.
    Scalar(Node),
}

/// The outline of a whole document.
pub(crate) fn of(text: &str) -> Result<Note, Trouble> {
    let mut parser = Parser::new(text, 0);
    let mut left = MAX_NOTED;
    let root = note(&mut parser, String::new(), 0, &mut left)?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => Err(parser.wrong("something stands behind the JSON")),
    }
}

fn note(
    parser: &mut Parser<'_>,
    name: String,
    depth: usize,
    left: &mut usize,
) -> Result<Note, Trouble> {
    let first = parser.peek();
    let at = parser.at;
    let kind = match first {
        Some(b'{') if depth < LEVELS => {
            parser.at += 1;
            let mut fields = Vec::new();
            let mut has_more = !parser.take(b'}');
            while has_more {
                let is_noted = *left > 0;
                *left = left.saturating_sub(1);
                let name = name_of(parser, is_noted)?;
                match is_noted {
                    true => fields.push(note(parser, name, depth + 1, left)?),
                    false => parser.skip(depth + 1)?,
                }
                has_more = parser.goes_on(b'}')?;
            }
            Noted::Object(fields)
        }
        Some(b'[') => {
            parser.at += 1;
            let (mut items, mut objects) = (0, 0);
            let mut has_more = !parser.take(b']');
            while has_more {
                items += 1;
                objects += usize::from(parser.peek() == Some(b'{'));
                parser.skip(depth + 1)?;
                has_more = parser.goes_on(b']')?;
            }
            Noted::List { items, objects }
        }
        Some(b'{') => {
            parser.skip(depth)?;
            Noted::Scalar(Node::Null)
        }
        _ => match scalar(parser, depth)? {
            Node::Null => Noted::Null,
            value => Noted::Scalar(value),
        },
    };
    Ok(Note { name, at, kind })
}

/// The name of a field, behind which its colon is taken.
fn name_of(parser: &mut Parser<'_>, is_noted: bool) -> Result<String, Trouble> {
    parser.peek();
    let start = parser.at;
    parser.name(false)?;
    let written = parser.text.get(start..parser.at).unwrap_or_default();
    match written.len() > MAX_BYTES {
        true => Ok(within_bytes(written, MAX_BYTES).to_owned()),
        false => Parser::new(parser.text, start).name(is_noted),
    }
}

/// A value without parts.
fn scalar(parser: &mut Parser<'_>, depth: usize) -> Result<Node, Trouble> {
    let start = parser.at;
    parser.skip(depth)?;
    let written = parser.text.get(start..parser.at).unwrap_or_default();
    match written.len() > MAX_BYTES {
        true => Ok(Node::Text(within_bytes(written, MAX_BYTES).to_owned())),
        false => Parser::new(parser.text, start).value(depth, true),
    }
}

impl Note {
    pub(super) fn fields(&self) -> &[Self] {
        match &self.kind {
            Noted::Object(fields) => fields,
            _ => &[],
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.fields().iter().rev().find(|note| note.name == name)
    }

    /// How many items a list has that may be records: objects.
    pub(super) const fn records(&self) -> usize {
        match &self.kind {
            Noted::List { objects, .. } => *objects,
            _ => 0,
        }
    }

    pub(super) const fn is_empty_list(&self) -> bool {
        matches!(self.kind, Noted::List { items: 0, .. })
    }

    pub(super) const fn is_object(&self) -> bool {
        matches!(self.kind, Noted::Object(_))
    }

    /// Whether an object is a record rather than what is around records.
    pub(super) fn has_own_key(&self) -> bool {
        let is_filled =
            |note: &Self| matches!(&note.kind, Noted::Scalar(value) if value.filled().is_some());
        let mut fields = self.fields().iter();
        fields.any(|note| {
            OWN_KEYS
                .iter()
                .any(|key| note.name.eq_ignore_ascii_case(key))
                && is_filled(note)
        })
    }
}
