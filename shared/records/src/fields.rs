//! What fields the records of a link have, for whoever sets the link up.

use crate::Node;
use crate::text::{in_one_line, shortened};
use std::collections::BTreeMap;

/// Most fields told of.
const MAX_SEEN: usize = 200;
/// Longest example, in characters.
const MAX_EXAMPLE: usize = 80;

/// What kind of values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing yet but nulls and empty texts.
    Empty,
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Truth values.
    Boolean,
    /// Several of these.
    Mixed,
}

/// A field that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSeen {
    /// Where it is within a record; items of lists as `[]`.
    pub path: String,
    /// The first value that is not empty, as it would be shown: masked where it is.
    pub example: String,
    /// What values it has.
    pub kind: Kind,
    /// How many values are not empty.
    pub filled: u32,
    /// How many were masked.
    pub masked: u32,
    /// Whether it is shown; settings may leave it out.
    pub is_shown: bool,
}

/// The fields of the records that were looked at, in the order in which they were seen; at most 200.
#[derive(Debug, Clone, Default)]
pub struct FieldsSeen {
    fields: Vec<FieldSeen>,
    places: BTreeMap<String, usize>,
}

impl FieldsSeen {
    /// The fields.
    #[must_use]
    pub fn list(&self) -> &[FieldSeen] {
        &self.fields
    }

    /// Notes a value and what is shown of it.
    pub(crate) fn note(
        &mut self,
        path: &str,
        value: &Node,
        shown: &str,
        masked: u32,
        is_shown: bool,
    ) {
        let place = match self.places.get(path) {
            Some(place) => *place,
            None if self.fields.len() >= MAX_SEEN => return,
            None => {
                self.places.insert(path.to_owned(), self.fields.len());
                self.fields.push(FieldSeen {
                    path: path.to_owned(),
                    example: String::new(),
                    kind: Kind::Empty,
                    filled: 0,
                    masked: 0,
                    is_shown,
                });
                self.fields.len() - 1
            }
        };
        let Some(seen) = self.fields.get_mut(place) else {
            return;
        };
        let kind = match value {
            Node::Text(text) if !text.trim().is_empty() => Kind::Text,
            Node::Number(_) => Kind::Number,
            Node::Bool(_) => Kind::Boolean,
            _ => return,
        };
        seen.kind = match seen.kind {
            Kind::Empty => kind,
            known if known == kind => kind,
            _ => Kind::Mixed,
        };
        seen.filled += 1;
        seen.masked += masked;
        if seen.example.is_empty() {
            seen.example = shortened(&in_one_line(shown), MAX_EXAMPLE);
        }
    }
}
