//! A record's text in pieces.

use super::clean;
use super::leaves::Leaf;
use crate::owners::Owners;
use crate::text::pieces;
use crate::{MAX_CHUNK, OVERLAP};
use sha2::{Digest, Sha256};

/// A piece of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What is shown and searched by words: a line for each value, `customers[0].name: John Doe`. At most
    /// [`MAX_CHUNK`] characters.
    pub text: String,
    /// What is embedded: the short fields after the link's name, and each sentence of texts of four words or more
    /// alone. May be empty.
    pub clean: Vec<String>,
    /// Tells whether anything changed that is stored: text, owners, title, what is embedded. The record's place in its
    /// list is left out, so that a record which moved is the same.
    pub hash: [u8; 16],
}

/// Room for the number of an item, so that chunks are cut at the same places wherever a record stands.
const ROOM: usize = 6;
/// Longest title line that is said again in every further chunk, in characters.
const MAX_AGAIN: usize = 160;
/// What hashes begin with; another one makes every chunk new.
const VERSION: &[u8] = b"records 2\0";

/// A line of a chunk.
#[derive(Clone)]
struct Line {
    /// Path within the record, and value.
    text: String,
    length: usize,
    field: Option<String>,
    free: Vec<String>,
}

impl Line {
    fn new(leaf: &Leaf, value: &str) -> Self {
        let text = format!("{}: {value}", leaf.path);
        Self {
            length: text.chars().count(),
            text,
            field: clean::field(leaf, value),
            free: clean::sentences(leaf, value),
        }
    }
}

/// The pieces of a record: cut between fields, and within one that is longer than a piece at its sentences.
pub(super) fn of(
    path: &str,
    link: &str,
    title: &str,
    owners: &Owners,
    leaves: &[Leaf],
) -> Vec<Chunk> {
    let place = Place::new(path);
    let again = leaves
        .iter()
        .find(|leaf| leaf.value == title && leaf.is_text);
    let again = again.map(|leaf| Line::new(leaf, &leaf.value));
    let again = again.filter(|line| line.length + place.length <= MAX_AGAIN);
    let said = again
        .as_ref()
        .map_or(0, |line| line.length + place.length + 1);
    let mut made: Vec<Vec<Line>> = Vec::new();
    let mut open: Vec<Line> = Vec::new();
    let mut length = 0;
    for leaf in leaves {
        let line = Line::new(leaf, &leaf.value);
        let needed = place.length + line.length + 1;
        if length > 0 && length + needed > MAX_CHUNK {
            made.push(std::mem::take(&mut open));
            (open, length) = start(again.as_ref(), said);
        }
        if length + needed <= MAX_CHUNK {
            length += needed;
            open.push(line);
            continue;
        }
        let around = place.length + leaf.path.chars().count() + 3;
        let room = MAX_CHUNK.saturating_sub(around + said).max(MAX_CHUNK / 4);
        for piece in pieces(&leaf.value, room, OVERLAP) {
            open.push(Line::new(leaf, piece));
            made.push(std::mem::take(&mut open));
            (open, length) = start(again.as_ref(), said);
        }
        // Only the title stands in what was opened; another line makes it a piece.
        if open.len() <= usize::from(again.is_some()) {
            (open, length) = start(again.as_ref(), said);
        }
    }
    let has_own = open.len() > usize::from(again.is_some() && !made.is_empty());
    if has_own {
        made.push(open);
    }
    made.into_iter()
        .map(|lines| chunk(&place, link, title, owners, &lines))
        .collect()
}

fn start(again: Option<&Line>, said: usize) -> (Vec<Line>, usize) {
    let said = if again.is_some() { said } else { 0 };
    (again.cloned().into_iter().collect(), said)
}

/// Where a record stands, and how long that is written wherever it stands.
struct Place<'p> {
    path: &'p str,
    still: String,
    length: usize,
}

impl<'p> Place<'p> {
    fn new(path: &'p str) -> Self {
        let mut still = String::new();
        let mut is_index = false;
        for c in path.chars() {
            is_index = (is_index || c == '[') && c != ']';
            if !is_index || c == '[' {
                still.push(c);
            }
        }
        let items = still.matches('[').count();
        Self {
            path,
            length: still.chars().count() + ROOM * items,
            still,
        }
    }

    fn line(&self, line: &Line) -> String {
        let whole = format!("{}{}", self.path, line.text);
        // A record at the top has no name before its fields.
        whole.strip_prefix('.').map_or(whole.clone(), str::to_owned)
    }
}

fn chunk(place: &Place<'_>, link: &str, title: &str, owners: &Owners, lines: &[Line]) -> Chunk {
    let shown: Vec<String> = lines.iter().map(|line| place.line(line)).collect();
    // A text whose sentences are vectors of their own would drown the short fields beside it.
    let fields: Vec<&str> = lines
        .iter()
        .filter(|line| line.free.is_empty())
        .filter_map(|line| line.field.as_deref())
        .collect();
    let mut clean: Vec<String> = clean::joined(link, &fields).into_iter().collect();
    clean.extend(lines.iter().flat_map(|line| line.free.iter().cloned()));
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        hash.update(text.as_bytes());
    };
    part(&String::from_utf8_lossy(VERSION));
    part(&place.still);
    part(title);
    match owners {
        Owners::Everyone => part("everyone"),
        Owners::Unknown => part("unknown"),
        Owners::Of(owners) => owners.iter().for_each(|owner| part(&owner.to_text())),
    }
    for line in lines {
        part(&line.text);
    }
    part("clean");
    for text in &clean {
        part(text);
    }
    let whole = hash.finalize();
    let mut hash = [0; 16];
    for (to, from) in hash.iter_mut().zip(whole.iter()) {
        *to = *from;
    }
    Chunk {
        text: shown.join("\n"),
        clean,
        hash,
    }
}
