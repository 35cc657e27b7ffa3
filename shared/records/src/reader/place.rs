//! The records of a JSON document.

use super::choice::{Choice, chosen, named};
use super::{Found, Parser, RawRecord, Walk, outline};
use crate::{MAX_RECORD_BYTES, Node, Trouble};

/// Where the records of a document are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// What stands before `[n]`.
    path: String,
    /// Whether it is a list; otherwise one record.
    is_list: bool,
    /// The fields that lead from an item to its record.
    within: Vec<String>,
}

impl Place {
    /// Finds the records of a document; `None` where it says that there are none.
    pub(crate) fn find(
        text: &str,
        records_at: Option<&str>,
    ) -> Result<Option<(Self, usize)>, Trouble> {
        let root = outline::of(text)?;
        let choice = match records_at.filter(|path| !path.trim().is_empty()) {
            Some(path) => named(text, &root, path)?,
            None => chosen(text, &root)?,
        };
        Ok(match choice {
            Choice::Nothing => None,
            Choice::One { path, at } => Some((Self::new(&path, false, Vec::new()), at)),
            Choice::List { path, at, within } => Some((Self::new(&path, true, within), at + 1)),
        })
    }

    fn new(path: &[String], is_list: bool, within: Vec<String>) -> Self {
        Self {
            path: path.join("."),
            is_list,
            within,
        }
    }

    /// Reads what [`Walk::place`] wrote.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let mut parts = text.split('\n');
        let (kind, path) = (parts.next()?, parts.next()?);
        Some(Self {
            path: path.to_owned(),
            is_list: kind == "list",
            within: parts.map(str::to_owned).collect(),
        })
    }
}

impl Walk for Place {
    fn step(&self, text: &str, at: usize, ordinal: usize) -> Result<Found, Trouble> {
        let mut parser = Parser::new(text, at);
        if self.is_list {
            if ordinal > 0 && !parser.take(b',') {
                return Ok(Found::End);
            }
            if parser.peek() == Some(b']') {
                return Ok(Found::End);
            }
        } else if ordinal > 0 {
            return Ok(Found::End);
        }
        parser.peek();
        let start = parser.at;
        parser.skip(1)?;
        let end = parser.at;
        if end - start > MAX_RECORD_BYTES {
            return Ok(Found::TooLong(end));
        }
        let mut value = Parser::new(text, start).value(1, true)?;
        let mut path = match self.is_list {
            true => format!("{}[{ordinal}]", self.path),
            false => self.path.clone(),
        };
        for name in &self.within {
            value = part(value, name);
            path = format!("{path}.{name}");
        }
        if is_edge(&value) {
            value = part(value, "node");
            path.push_str(".node");
        }
        let record = RawRecord {
            path,
            key: None,
            value,
        };
        Ok(Found::Record(record, end))
    }

    fn place(&self) -> String {
        let kind = if self.is_list { "list" } else { "one" };
        let parts = [kind.to_owned(), self.path.clone()];
        parts
            .iter()
            .chain(&self.within)
            .map(|part| part.replace('\n', " "))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Takes a part out of a value.
fn part(value: Node, name: &str) -> Node {
    match value {
        Node::Object(fields) => {
            let mut parts = fields.into_iter().filter(|(known, _)| known == name);
            parts.next().map_or(Node::Null, |(_, part)| part)
        }
        _ => Node::Null,
    }
}

/// Whether an item is what a GraphQL connection has around each record.
fn is_edge(value: &Node) -> bool {
    let is_around = |name: &str| matches!(name, "node" | "cursor" | "__typename");
    matches!(value.get("node"), Some(Node::Object(_)))
        && value.fields().iter().all(|(name, _)| is_around(name))
}
