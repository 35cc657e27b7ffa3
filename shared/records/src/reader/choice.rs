//! Which part of a JSON document its records are.

use super::outline::{LEVELS, Note, Noted};
use crate::path::parts;
use crate::text::shortened;
use crate::{Node, Trouble};

/// Lists of records by these names are records whatever stands beside them, the likeliest first.
const ENVELOPES: [&str; 12] = [
    "data", "results", "records", "value", "edges", "nodes", "rows", "entries", "hits", "list",
    "result", "objects",
];
/// Lists of records by these names are records where nothing beside them says that they are parts of one.
const LISTS: [&str; 14] = [
    "items",
    "customers",
    "contacts",
    "people",
    "persons",
    "users",
    "members",
    "leads",
    "orders",
    "products",
    "tickets",
    "deals",
    "companies",
    "articles",
];
/// Where records are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Nowhere; the document says that there are none.
    Nothing,
    /// One record.
    One { path: Vec<String>, at: usize },
    /// A list, which begins at a byte, and the fields that lead from an item to its record.
    List {
        path: Vec<String>,
        at: usize,
        within: Vec<String>,
    },
}

/// The records at the path that a link names.
pub(crate) fn named(text: &str, root: &Note, wanted: &str) -> Result<Choice, Trouble> {
    let mut names = parts(wanted);
    let mut within = Vec::new();
    if let Some(star) = names.iter().position(|name| name == "*") {
        within = names.split_off(star);
        within.retain(|name| name != "*");
    }
    let mut note = root;
    for (n, name) in names.iter().enumerate() {
        if n >= LEVELS {
            return Err(missing(root, wanted));
        }
        note = note.field(name).ok_or_else(|| missing(note, wanted))?;
    }
    let (path, at) = (names, note.at);
    match &note.kind {
        Noted::List { .. } => Ok(Choice::List { path, at, within }),
        Noted::Object(_) => Ok(Choice::One { path, at }),
        Noted::Null => Ok(Choice::Nothing),
        Noted::Scalar(_) if text.get(at..).is_some_and(|rest| rest.starts_with('{')) => {
            Ok(Choice::One { path, at })
        }
        Noted::Scalar(_) => Err(Trouble::new(
            "records_at_not_found",
            format!(
                "`{}` is a single value, not a list of records",
                shortened(wanted, 100)
            ),
        )),
    }
}

fn missing(beside: &Note, wanted: &str) -> Trouble {
    let names: Vec<_> = beside
        .fields()
        .iter()
        .take(12)
        .map(|note| shortened(&note.name, 40))
        .collect();
    let there = match names.is_empty() {
        true => "nothing has a name there".to_owned(),
        false => format!("there is {}", names.join(", ")),
    };
    Trouble::new(
        "records_at_not_found",
        format!("`{}` is not in the answer; {there}", shortened(wanted, 100)),
    )
}

/// The records of a document of which nobody said where they are.
pub(crate) fn chosen(text: &str, root: &Note) -> Result<Choice, Trouble> {
    let mut path: Vec<String> = Vec::new();
    let mut note = root;
    if matches!(note.kind, Noted::List { .. }) {
        return Ok(list(path, note));
    }
    if !note.is_object() {
        return Err(Trouble::at(
            "bad_json",
            "the answer is a single value, no record",
            text,
            0,
        ));
    }
    refused_by_vendor(root)?;
    for _ in 0..LEVELS {
        if let Some(found) = list_of(note) {
            path.push(found.name.clone());
            return Ok(list(path, found));
        }
        if note.has_own_key() {
            break;
        }
        if let Some((outer, inner)) = list_below(note) {
            path.extend([outer.name.clone(), inner.name.clone()]);
            return Ok(list(path, inner));
        }
        let envelope = ENVELOPES.iter().find_map(|name| note.field(name));
        if envelope.is_some_and(|note| matches!(note.kind, Noted::Null)) {
            return Ok(Choice::Nothing);
        }
        let mut objects = note.fields().iter().filter(|field| field.is_object());
        let only = objects.next().filter(|_| objects.next().is_none());
        let is_around = |only: &&Note| {
            note.fields().len() == 1 || only.has_own_key() || !only.fields().is_empty()
        };
        let has_texts = note
            .fields()
            .iter()
            .any(|field| matches!(&field.kind, Noted::Scalar(Node::Text(_))));
        match envelope
            .filter(|field| field.is_object())
            .or(only.filter(|_| !has_texts).filter(is_around))
        {
            Some(inner) => {
                path.push(inner.name.clone());
                note = inner;
            }
            None => break,
        }
    }
    Ok(Choice::One { path, at: note.at })
}

const fn list(path: Vec<String>, note: &Note) -> Choice {
    Choice::List {
        path,
        at: note.at,
        within: Vec::new(),
    }
}

/// The list of records among the fields of an object, if it is around records.
fn list_of(note: &Note) -> Option<&Note> {
    let fields = note.fields();
    let by_name = |names: &[&str]| {
        let mut lists = names.iter().filter_map(|name| note.field(name));
        lists.find(|list| list.records() > 0)
    };
    if let Some(found) = by_name(&ENVELOPES) {
        return Some(found);
    }
    if note.has_own_key() {
        return None;
    }
    let longest = || {
        fields
            .iter()
            .rev()
            .filter(|list| list.records() > 0)
            .max_by_key(|list| list.records())
    };
    let scalars = || {
        ENVELOPES
            .iter()
            .filter_map(|name| note.field(name))
            .find(|list| matches!(list.kind, Noted::List { .. }))
    };
    let empty = || {
        let mut known = ENVELOPES
            .iter()
            .chain(&LISTS)
            .filter_map(|name| note.field(name));
        let has_objects = fields.iter().any(Note::is_object);
        known.find(|list| list.is_empty_list()).or_else(|| {
            fields
                .iter()
                .find(|list| list.is_empty_list() && !has_objects && fields.len() < 4)
        })
    };
    by_name(&LISTS)
        .or_else(longest)
        .or_else(scalars)
        .or_else(empty)
}

/// The longest list of records one level further down, and what it is in.
fn list_below(note: &Note) -> Option<(&Note, &Note)> {
    let inner = |outer| Some((outer, list_of(outer)?));
    let objects = note.fields().iter().filter(|field| field.is_object());
    let lists = objects.filter_map(inner).rev();
    lists.max_by_key(|(_, list)| list.records())
}

/// An answer that says with 200 that it failed, as GraphQL does. Half an answer is none: what is missing in it would
/// be taken for gone.
fn refused_by_vendor(root: &Note) -> Result<(), Trouble> {
    let has_data = root
        .fields()
        .iter()
        .any(|field| field.records() > 0 && field.name != "errors");
    for name in ["errors", "error"] {
        let Some(note) = root.field(name) else {
            continue;
        };
        let is_said = match &note.kind {
            Noted::List { items, .. } => *items > 0,
            Noted::Object(fields) => !fields.is_empty() && !has_data,
            Noted::Scalar(Node::Text(text)) => !text.trim().is_empty() && !has_data,
            Noted::Scalar(Node::Bool(is_wrong)) => *is_wrong && !has_data,
            Noted::Null | Noted::Scalar(_) => false,
        };
        if is_said && !root.has_own_key() {
            let words = [note, root].into_iter().find_map(|place| {
                let text = place.field("message").map(|message| &message.kind);
                match (text, &place.kind) {
                    (Some(Noted::Scalar(Node::Text(text))), _)
                    | (_, Noted::Scalar(Node::Text(text))) => {
                        Some(format!(": {}", shortened(text, 200)))
                    }
                    _ => None,
                }
            });
            let words = words.unwrap_or_default();
            return Err(Trouble::new(
                "remote_error",
                format!("the answer says `{name}`{words}"),
            ));
        }
    }
    Ok(())
}
