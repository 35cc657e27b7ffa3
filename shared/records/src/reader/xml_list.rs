//! Which elements of a document are its records.

use super::xml::{Token, local, token, too_deep, wrong_end};
use crate::path::parts;
use crate::text::shortened;
use crate::{MAX_DEPTH, Trouble};

/// How many levels are looked through for records.
const LEVELS: usize = 5;
/// How many kinds of elements are told apart.
const MAX_KINDS: usize = 256;

/// The elements of one name at one place.
struct Kind {
    name: String,
    parent: Option<usize>,
    level: usize,
    count: usize,
    /// Elements within it, of which names.
    children: usize,
    has_attributes: bool,
}

/// The kinds of elements of a document's upper levels.
pub(crate) struct Outline(Vec<Kind>);

impl Outline {
    /// Walks the whole document, and refuses what is not well formed or too deep.
    pub(crate) fn of(text: &str) -> Result<Self, Trouble> {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut open: Vec<(&str, Option<usize>)> = Vec::new();
        let (mut at, mut has_root) = (0, false);
        while let Some((token, end)) = token(text, at)? {
            match token {
                Token::Start(..) if open.is_empty() && has_root => {
                    return Err(Trouble::at("bad_xml", "there are two roots", text, at));
                }
                Token::Start(name, attributes, is_empty) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(too_deep(text, at));
                    }
                    has_root = true;
                    let parent = open.last().map(|(_, kind)| *kind);
                    let kind = noted(
                        &mut kinds,
                        local(name),
                        parent,
                        open.len(),
                        !attributes.trim().is_empty(),
                    );
                    if !is_empty {
                        open.push((name, kind));
                    }
                }
                Token::End(name) => {
                    if open.pop().is_none_or(|(opened, _)| opened != name) {
                        return Err(wrong_end(text, at));
                    }
                }
                Token::Text(piece) if open.is_empty() && !piece.trim().is_empty() => {
                    return Err(Trouble::at(
                        "bad_xml",
                        "there is text outside of the root",
                        text,
                        at,
                    ));
                }
                Token::Text(_) | Token::Raw(_) | Token::Nothing => {}
            }
            at = end;
        }
        match open.is_empty() && has_root {
            true => Ok(Self(kinds)),
            false => Err(Trouble::at("bad_xml", "an element does not end", text, at)),
        }
    }

    fn parent(&self, kind: &Kind) -> Option<&Kind> {
        self.0.get(kind.parent?)
    }

    /// The names that lead to a kind of element.
    fn path(&self, kind: &Kind) -> Vec<String> {
        let mut path = vec![kind.name.clone()];
        let mut kind = kind;
        while let Some(parent) = self.parent(kind) {
            path.insert(0, parent.name.clone());
            kind = parent;
        }
        path
    }

    /// The records at the path that a link names, with or without the root.
    pub(crate) fn named(&self, wanted: &str) -> Result<Vec<String>, Trouble> {
        let mut names = parts(wanted);
        names.retain(|name| name != "*");
        let paths = self.0.iter().map(|kind| self.path(kind));
        let mut paths = paths
            .filter(|path| *path == names || path.get(1..).is_some_and(|below| below == names));
        if let Some(path) = paths.next() {
            // What is around the records means the records.
            let inner: Vec<_> = self
                .0
                .iter()
                .filter(|kind| {
                    self.parent(kind)
                        .is_some_and(|parent| self.path(parent) == path)
                })
                .collect();
            return Ok(match inner.as_slice() {
                [only] if only.children > 0 || only.has_attributes => self.path(only),
                _ => path,
            });
        }
        let there: Vec<_> = self
            .0
            .iter()
            .filter(|kind| kind.level < 2)
            .take(12)
            .map(|kind| shortened(&kind.name, 40))
            .collect();
        Err(Trouble::new(
            "records_at_not_found",
            format!(
                "`{}` is not in the answer; there is {}",
                shortened(wanted, 100),
                there.join(", ")
            ),
        ))
    }

    /// The records of a document of which nobody said where they are: the uppermost elements with parts that come
    /// again, or that their parent's name is the plural of.
    pub(crate) fn chosen(&self) -> Option<Vec<String>> {
        let is_listed = |kind: &&Kind| {
            let parent = self.parent(kind).map(|parent| parent.name.as_str());
            parent.is_some_and(|parent| kind.count > 1 || is_plural(parent, &kind.name))
        };
        let first = |has_parts: fn(&Kind) -> bool| {
            let listed = self
                .0
                .iter()
                .filter(|kind| has_parts(kind))
                .filter(is_listed);
            listed.min_by_key(|kind| (kind.level, std::cmp::Reverse(kind.count)))
        };
        let listed = first(|kind| kind.children > 0).or_else(|| first(|kind| kind.has_attributes));
        if let Some(kind) = listed {
            return Some(self.path(kind));
        }
        let mut kind = self.0.first()?;
        if kind.children == 0 && !kind.has_attributes {
            return None;
        }
        loop {
            let at = self.0.iter().position(|other| std::ptr::eq(other, kind));
            let mut inner = self
                .0
                .iter()
                .filter(|other| other.parent == at && at.is_some());
            match (inner.next(), inner.next()) {
                (Some(only), None) if only.children > 0 && only.count == 1 => kind = only,
                _ => return Some(self.path(kind)),
            }
        }
    }
}

/// Counts an element; the place of its kind. `parent` is `None` for the root, and `Some(None)` below what is not noted.
fn noted(
    kinds: &mut Vec<Kind>,
    name: &str,
    parent: Option<Option<usize>>,
    level: usize,
    has_attributes: bool,
) -> Option<usize> {
    if level >= LEVELS || parent == Some(None) {
        return None;
    }
    let parent = parent.flatten();
    let known = kinds
        .iter()
        .position(|kind| kind.parent == parent && kind.name == name);
    if let Some(kind) = known.and_then(|at| kinds.get_mut(at)) {
        kind.count += 1;
        kind.has_attributes |= has_attributes;
        return known;
    }
    if let Some(parent) = parent.and_then(|at| kinds.get_mut(at)) {
        parent.children += 1;
    }
    if kinds.len() >= MAX_KINDS {
        return None;
    }
    kinds.push(Kind {
        name: name.to_owned(),
        parent,
        level,
        count: 1,
        children: 0,
        has_attributes,
    });
    Some(kinds.len() - 1)
}

/// Whether a name is another's plural: `customers`, `entries`, `customer-list`.
fn is_plural(plural: &str, name: &str) -> bool {
    let (plural, name) = (plural.to_lowercase(), name.to_lowercase());
    let stem = name.strip_suffix('y').unwrap_or(&name);
    let ending = plural
        .strip_prefix(&name)
        .or_else(|| plural.strip_prefix(stem));
    ending.is_some_and(|ending| {
        matches!(
            ending.trim_start_matches(['-', '_']),
            "s" | "es" | "ies" | "list" | "set"
        )
    })
}
