//! What is kept of a record, so that it can be made again with other settings.

use super::leaves::{MAX_WORD, Rules};
use crate::mask::masked_text;
use crate::path::Step;
use crate::text::{in_one_line, shortened, without_markup};
use crate::{MAX_FIELDS, MAX_RECORD_TEXT, Node};

/// A record as it is kept: with the fields that are taken, and with secrets masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The fields.
    pub value: Node,
    /// Whether it is all that came: nothing is left out, and nothing masked. Of another nobody can tell anew whose it is.
    pub is_whole: bool,
}

pub(super) fn of(value: &Node, rules: &Rules) -> Kept {
    let mut keeping = Keeping {
        rules,
        text: MAX_RECORD_TEXT,
        fields: 0,
        is_whole: true,
    };
    let kept = keeping.node(value, &mut Vec::new());
    Kept {
        value: kept.unwrap_or(Node::Null),
        is_whole: keeping.is_whole,
    }
}

struct Keeping<'r> {
    rules: &'r Rules,
    /// How many bytes of text may follow: what is behind them is never shown.
    text: usize,
    fields: usize,
    is_whole: bool,
}

impl Keeping<'_> {
    /// A value, unless nothing of it is kept.
    fn node<'n>(&mut self, node: &'n Node, path: &mut Vec<Step<'n>>) -> Option<Node> {
        match node {
            Node::Object(fields) => {
                let mut kept = Vec::new();
                for (name, value) in fields {
                    path.push(Step::Name(name));
                    let value = self.node(value, path);
                    path.pop();
                    kept.extend(value.map(|value| (self.name(name), value)));
                }
                (fields.is_empty() || !kept.is_empty()).then_some(Node::Object(kept))
            }
            Node::List(items) => {
                let (mut kept, mut has_any) = (Vec::with_capacity(items.len()), items.is_empty());
                for (n, item) in items.iter().enumerate() {
                    path.push(Step::Index(n));
                    let item = self.node(item, path);
                    path.pop();
                    has_any |= item.is_some();
                    // The others keep their places.
                    kept.push(item.unwrap_or(Node::Null));
                }
                has_any.then_some(Node::List(kept))
            }
            leaf => self.leaf(leaf, path),
        }
    }

    fn leaf(&mut self, leaf: &Node, path: &[Step<'_>]) -> Option<Node> {
        let text = leaf.scalar().filter(|text| !text.trim().is_empty());
        let is_taken = self.rules.is_taken(path);
        let Some(text) = text else {
            return is_taken.then(|| leaf.clone());
        };
        if !is_taken || self.text == 0 || self.fields == MAX_FIELDS {
            self.is_whole = false;
            return None;
        }
        let bare = match leaf {
            Node::Text(_) => without_markup(&text),
            _ => None,
        };
        let bare = bare.as_deref().unwrap_or(&text);
        let (shown, is_masked) = match leaf {
            Node::Bool(_) => (bare.to_owned(), false),
            _ => self.rules.shown(path, bare),
        };
        let line = in_one_line(&shown);
        self.is_whole &= !is_masked;
        self.fields += 1;
        if line.len() > MAX_WORD && line.is_ascii() && !line.contains(' ') {
            // A picture or a key, of which no more is shown either.
            let start = shortened(&line, 64);
            self.text = self.text.saturating_sub(start.len());
            return Some(Node::Text(start));
        }
        self.text = self.text.saturating_sub(line.len());
        Some(match is_masked {
            true => Node::Text(shown),
            false => leaf.clone(),
        })
    }

    /// A field's name. Some systems put values there, which may be secret.
    fn name(&mut self, name: &str) -> String {
        let masked = if name.len() > 8 {
            masked_text(name)
        } else {
            None
        };
        self.is_whole &= masked.is_none();
        masked.map_or_else(|| name.to_owned(), |(name, _)| name)
    }
}
