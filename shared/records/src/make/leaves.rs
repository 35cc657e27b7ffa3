//! The values of a record, chosen, renamed and masked.

use super::Problem;
use crate::mask::{Field, MASK, is_secret, masked, masked_text};
use crate::path::{Match, Pattern, Step, any};
use crate::text::{in_one_line, shortened, visible, within_bytes, without_markup, words_of_name};
use crate::{FieldsSeen, MAX_FIELDS, MAX_RECORD_TEXT, Node, Shape};

/// Longest name of a field as it is shown, in characters.
const MAX_NAME: usize = 80;
/// Longest path within a record as it is shown, in characters; of a longer one the end is shown.
const MAX_SHOWN: usize = 200;
/// Values without a space that are longer are no text (pictures, keys); their start is shown.
pub(super) const MAX_WORD: usize = 512;

/// A value that is shown.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// Where it is within the record, as it is shown: `.name`, `.orders[0].total`; empty for the record itself.
    pub path: String,
    /// Where it is by the names it came with, without items: `orders.total`.
    pub source: String,
    /// Its own name, or that of the list in which it is.
    pub name: String,
    /// Its value in one line, masked.
    pub value: String,
    /// Whether it came as text; numbers and truth values did not.
    pub is_text: bool,
}

/// What the settings say about fields.
pub(crate) struct Rules {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
    rename: Vec<(Pattern, String)>,
    mask: Vec<Pattern>,
    allow: Vec<Pattern>,
}

/// Calls `look` with every value that has no parts, and its path.
pub(crate) fn each_leaf<'n>(
    node: &'n Node,
    path: &mut Vec<Step<'n>>,
    look: &mut dyn FnMut(&[Step<'n>], &'n Node),
) {
    if path.len() > 2 * crate::MAX_DEPTH {
        return;
    }
    match node {
        Node::Object(fields) => {
            for (name, value) in fields {
                path.push(Step::Name(name));
                each_leaf(value, path, look);
                path.pop();
            }
        }
        Node::List(items) => {
            for (n, item) in items.iter().enumerate() {
                path.push(Step::Index(n));
                each_leaf(item, path, look);
                path.pop();
            }
        }
        leaf => look(path, leaf),
    }
}

impl Rules {
    pub(crate) fn new(shape: &Shape) -> Self {
        let rename = shape.rename.iter().filter_map(|(from, to)| {
            let to = in_one_line(&visible(to.clone()));
            Some((Pattern::parse(from)?, to)).filter(|(_, to)| !to.is_empty())
        });
        Self {
            include: Pattern::all(&shape.include),
            exclude: Pattern::all(&shape.exclude),
            rename: rename.collect(),
            mask: Pattern::all(&shape.mask),
            allow: Pattern::all(&shape.allow),
        }
    }

    pub(super) fn is_taken(&self, path: &[Step<'_>]) -> bool {
        (self.include.is_empty() || any(&self.include, path)) && !any(&self.exclude, path)
    }

    /// Whether a value would be masked, in whole or in part.
    pub(crate) fn is_hidden(&self, path: &[Step<'_>], text: &str) -> bool {
        self.shown(path, text).1
    }

    /// A value as it is shown, and whether something of it is masked.
    pub(super) fn shown(&self, path: &[Step<'_>], text: &str) -> (String, bool) {
        if any(&self.allow, path) {
            return (text.to_owned(), false);
        }
        let names = path.iter().filter_map(|step| match step {
            Step::Name(name) => Some(words_of_name(name)),
            Step::Index(_) => None,
        });
        let names: Vec<Vec<String>> = names.collect();
        if any(&self.mask, path) || names.iter().any(|words| is_secret(words)) {
            return (MASK.to_owned(), true);
        }
        // `card.number` is a card's.
        let nearest = names.get(names.len().saturating_sub(2)..);
        match masked(text, Field::of(&nearest.unwrap_or_default().concat())) {
            Some((masked, _)) => (masked, true),
            None => (text.to_owned(), false),
        }
    }

    /// The values that are shown, and how many of them are masked. Empty ones are left out.
    pub(crate) fn leaves(
        &self,
        value: &Node,
        mut seen: Option<&mut FieldsSeen>,
        problems: &mut Vec<Problem>,
    ) -> (Vec<Leaf>, u32) {
        let mut leaves: Vec<Leaf> = Vec::new();
        let (mut count, mut left, mut is_more) = (0, MAX_RECORD_TEXT, false);
        let mut is_cut = false;
        each_leaf(value, &mut Vec::new(), &mut |path, leaf| {
            let is_taken = self.is_taken(path);
            let text = leaf.scalar().filter(|text| !text.trim().is_empty());
            if leaves.len() >= MAX_FIELDS || (left == 0 && text.is_some()) {
                is_more |= leaves.len() >= MAX_FIELDS;
                is_cut |= left == 0;
                return;
            }
            let Some(text) = text else {
                if let Some(seen) = seen.as_deref_mut() {
                    seen.note(&source(path, "[]"), leaf, "", 0, is_taken);
                }
                return;
            };
            let is_text = matches!(leaf, Node::Text(_));
            let bare = if is_text { without_markup(&text) } else { None };
            let bare = bare.as_deref().unwrap_or(&text);
            let (shown, is_masked) = match leaf {
                Node::Bool(_) => (bare.to_owned(), false),
                _ => self.shown(path, bare),
            };
            if let Some(seen) = seen.as_deref_mut() {
                seen.note(
                    &source(path, "[]"),
                    leaf,
                    &shown,
                    u32::from(is_masked),
                    is_taken,
                );
            }
            if !is_taken {
                return;
            }
            let line = in_one_line(&shown);
            let line = match line.len() > MAX_WORD && line.is_ascii() && !line.contains(' ') {
                true => shortened(&line, 64),
                false => line,
            };
            let kept = within_bytes(&line, left);
            is_cut |= kept.len() < line.len();
            left -= kept.len();
            count += u32::from(is_masked);
            if !kept.is_empty() {
                leaves.push(Leaf {
                    path: self.path(path),
                    source: source(path, ""),
                    name: self.name(path),
                    value: kept.to_owned(),
                    is_text,
                });
            }
        });
        problems.extend(is_cut.then_some(Problem::TextCut));
        problems.extend(is_more.then_some(Problem::FieldsCut));
        (leaves, count)
    }

    /// A field's name as it is shown: the new one where it is renamed. What looks secret in it is masked.
    fn name_at(&self, path: &[Step<'_>], name: &str) -> String {
        let renamed = self
            .rename
            .iter()
            .find(|(pattern, _)| pattern.matches(path) == Match::Exact);
        shown_name(renamed.map_or(name, |(_, to)| to))
    }

    /// A path as it is shown.
    fn path(&self, path: &[Step<'_>]) -> String {
        let mut shown = String::new();
        for (n, step) in path.iter().enumerate() {
            match step {
                Step::Index(index) => shown.push_str(&format!("[{index}]")),
                Step::Name(name) => {
                    shown.push('.');
                    let name = self.name_at(path.get(..=n).unwrap_or_default(), name);
                    shown.push_str(&name);
                }
            }
        }
        let chars = shown.chars().count();
        match chars > MAX_SHOWN {
            true => shown.chars().skip(chars - MAX_SHOWN).collect(),
            false => shown,
        }
    }

    /// The name of a value: its own, or that of the list in which it is.
    fn name(&self, path: &[Step<'_>]) -> String {
        let is_name = |step: &Step<'_>| matches!(step, Step::Name(_));
        // `email[0].value` is an email.
        let is_value = |step: &Step<'_>| matches!(step, Step::Name(name) if *name == "value");
        let own = path
            .iter()
            .rposition(|step| is_name(step) && !is_value(step));
        let last = own.or_else(|| path.iter().rposition(is_name));
        match last.map(|at| (at, path.get(at))) {
            Some((at, Some(Step::Name(name)))) => {
                self.name_at(path.get(..=at).unwrap_or_default(), name)
            }
            _ => String::new(),
        }
    }
}

/// A name in one line, with what looks secret masked: some systems put values there.
fn shown_name(name: &str) -> String {
    let name = in_one_line(name);
    let masked = if name.len() > 8 {
        masked_text(&name)
    } else {
        None
    };
    shortened(&masked.map_or(name, |(masked, _)| masked), MAX_NAME)
}

/// A path by the names it came with, and a mark for items.
fn source(path: &[Step<'_>], item: &str) -> String {
    let mut source = String::new();
    for step in path {
        match step {
            Step::Index(_) => source.push_str(item),
            Step::Name(name) => {
                if !source.is_empty() {
                    source.push('.');
                }
                source.push_str(&shown_name(name));
            }
        }
    }
    source
}
