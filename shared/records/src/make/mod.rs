//! From a record as it came to what is stored of it.

mod chunks;
mod clean;
mod kept;
mod leaves;

pub use chunks::Chunk;
pub use clean::{embedded_texts, embedded_whole};
pub use kept::Kept;
pub(crate) use leaves::each_leaf;

use crate::mask;
use crate::owners::{self, Named, Owners};
use crate::path::{Pattern, Step};
use crate::text::{in_one_line, shortened, visible, words_of_name};
use crate::{FieldsSeen, RawRecord, Shape};
use leaves::{Leaf, Rules};
use sha2::{Digest, Sha256};

/// A record that can be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What names it within its link, at most [`MAX_KEY`] characters.
    pub key: String,
    /// Where it stood in the body.
    pub path: String,
    /// A name, a subject, a heading, to show it by; else its first text, if it has one. Masked as the rest is.
    pub title: String,
    /// For whom it is.
    pub owners: Owners,
    /// Its text in pieces; none where no field is left.
    pub chunks: Vec<Chunk>,
    /// How many values were masked, in whole or in part.
    pub masked: u32,
    /// What went wrong and lost nothing else.
    pub problems: Vec<Problem>,
}

/// What of a record could not be taken as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It has more text than [`crate::MAX_RECORD_TEXT`].
    TextCut,
    /// It has more fields than [`crate::MAX_FIELDS`].
    FieldsCut,
    /// It lacks the field that names records.
    KeyMissing,
    /// It is somebody's, and nobody knows whose.
    OwnerUnknown,
}

impl Problem {
    /// A stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TextCut => "text_cut",
            Self::FieldsCut => "fields_cut",
            Self::KeyMissing => "key_missing",
            Self::OwnerUnknown => "owner_unknown",
        }
    }
}

/// Longest key, in characters; of a longer one the hash is the key.
pub const MAX_KEY: usize = 200;
/// Fields that name a record, the likeliest first.
const KEYS: [&str; 8] = ["id", "uuid", "gid", "email", "sku", "handle", "key", "slug"];
/// What holds a record's fields in some systems.
const AROUND: [&str; 4] = ["properties", "attributes", "node", "fields"];
/// Fields by which a record is shown.
const TITLES: [&str; 14] = [
    "title",
    "name",
    "full_name",
    "fullname",
    "display_name",
    "displayname",
    "subject",
    "label",
    "product_name",
    "customer_name",
    "company",
    "question",
    "dealname",
    "email",
];

/// How a link's records are made: its [`Shape`], read once.
pub struct Recipe {
    name: String,
    key: Option<Pattern>,
    rules: Rules,
    named: Named,
}

impl Recipe {
    /// Reads a shape.
    #[must_use]
    pub fn new(shape: &Shape) -> Self {
        Self {
            name: in_one_line(&visible(shape.name.clone())),
            key: shape.key.as_deref().and_then(Pattern::parse),
            rules: Rules::new(shape),
            named: Named::new(shape),
        }
    }

    /// Makes a record. `phones` turns a phone number as people write it into E.164, national ones by the country of the
    /// business; `None` for what is none.
    #[must_use]
    pub fn make(&self, raw: &RawRecord, phones: &dyn Fn(&str) -> Option<String>) -> Record {
        self.make_and_note(raw, owners::of(raw, &self.named, phones), None)
    }

    /// Makes a record of which it is known whose it is.
    #[must_use]
    pub fn make_owned(&self, raw: &RawRecord, owners: Owners) -> Record {
        self.make_and_note(raw, owners, None)
    }

    /// What is to be kept of a record, so that it can be made again: the fields that are taken, with secrets masked.
    #[must_use]
    pub fn kept(&self, raw: &RawRecord) -> Kept {
        kept::of(&raw.value, &self.rules)
    }

    /// As [`Self::make`], and notes the fields.
    #[must_use]
    pub fn make_noting(
        &self,
        raw: &RawRecord,
        phones: &dyn Fn(&str) -> Option<String>,
        seen: &mut FieldsSeen,
    ) -> Record {
        self.make_and_note(raw, owners::of(raw, &self.named, phones), Some(seen))
    }

    fn make_and_note(
        &self,
        raw: &RawRecord,
        owners: Owners,
        seen: Option<&mut FieldsSeen>,
    ) -> Record {
        let mut problems = Vec::new();
        if owners == Owners::Unknown {
            problems.push(Problem::OwnerUnknown);
        }
        let (leaves, masked) = self.rules.leaves(&raw.value, seen, &mut problems);
        let key = self.key(raw, &owners, &leaves, &mut problems);
        let title = title(&leaves).unwrap_or_default();
        let chunks = chunks::of(&raw.path, &self.name, &title, &owners, &leaves);
        Record {
            key,
            path: raw.path.clone(),
            title,
            owners,
            chunks,
            masked,
            problems,
        }
    }

    /// What names a record: the field that the link names, what its place says, well-known fields; else its content.
    fn key(
        &self,
        raw: &RawRecord,
        owners: &Owners,
        leaves: &[Leaf],
        problems: &mut Vec<Problem>,
    ) -> String {
        if let Some(pattern) = &self.key {
            let mut found = None;
            each_leaf(&raw.value, &mut Vec::new(), &mut |path, leaf| {
                if found.is_none() && pattern.covers(path) {
                    found = leaf.filled().and_then(|text| self.key_of(path, text));
                }
            });
            if let Some(key) = found {
                return key;
            }
            problems.push(Problem::KeyMissing);
        }
        if let Some(key) = &raw.key {
            return as_key(key);
        }
        let around = AROUND.iter().filter_map(|name| raw.value.get(name));
        for place in std::iter::once(&raw.value).chain(around) {
            let key = KEYS.iter().find_map(|known| {
                // Somebody has many orders, and one address.
                let is_other = *known == "email" && owners::is_thing(place);
                let mut fields = place.fields().iter().filter(|_| !is_other);
                fields.find_map(|(name, value)| {
                    let is_it = words_of_name(name).concat() == *known;
                    self.key_of(&[Step::Name(name)], value.filled().filter(|_| is_it)?)
                })
            });
            if let Some(key) = key {
                return key;
            }
        }
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update(text.as_bytes());
            hash.update([0]);
        };
        owners
            .list()
            .iter()
            .for_each(|owner| part(&owner.to_text()));
        for leaf in leaves {
            part(&leaf.path);
            part(&leaf.value);
        }
        hex(&hash.finalize())
    }

    /// A value as a key. What would be masked is none: its hash could be guessed.
    fn key_of(&self, path: &[Step<'_>], text: &str) -> Option<String> {
        (!self.rules.is_hidden(path, text)).then(|| as_key(text))
    }
}

fn as_key(text: &str) -> String {
    let key = in_one_line(&visible(text.to_owned()));
    match key.chars().nth(MAX_KEY) {
        None => key,
        Some(_) => hex(&Sha256::digest(key.as_bytes())),
    }
}

/// The first 16 bytes of a hash in hexadecimal digits.
fn hex(hash: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    let bytes = hash.iter().take(16);
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// What a record is shown by.
fn title(leaves: &[Leaf]) -> Option<String> {
    let shown = |name: &str| {
        let around = |path: &str| {
            AROUND.iter().any(|around| {
                path.strip_prefix(around)
                    .is_some_and(|rest| rest == format!(".{name}"))
            })
        };
        let is_it = |leaf: &&Leaf| leaf.source.eq_ignore_ascii_case(name) || around(&leaf.source);
        let leaf = leaves.iter().find(is_it)?;
        Some(shortened(&leaf.value, 120))
    };
    let first = shown("first_name").or_else(|| shown("firstname"));
    let last = shown("last_name").or_else(|| shown("lastname"));
    let whole = TITLES.iter().find_map(|name| shown(name));
    match (first, last, whole) {
        (Some(first), Some(last), _) => Some(format!("{first} {last}")),
        (_, _, Some(whole)) => Some(whole),
        (Some(name), None, None) | (None, Some(name), None) => Some(name),
        (None, None, None) => {
            let leaf = leaves.iter().find(|leaf| leaf.is_text)?;
            Some(shortened(&leaf.value, 120))
        }
    }
}

/// Leaves the last of the records of one key, in the order of the first: services that page while records change give
/// one twice. One pass.
#[must_use]
pub fn without_repeats(records: Vec<Record>) -> Vec<Record> {
    let mut places = std::collections::BTreeMap::<String, usize>::new();
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    for record in records {
        match places
            .get(&record.key)
            .and_then(|place| kept.get_mut(*place))
        {
            Some(earlier) => *earlier = record,
            None => {
                places.insert(record.key.clone(), kept.len());
                kept.push(record);
            }
        }
    }
    kept
}

/// Whether a mask stands for a whole value.
pub(crate) fn is_masked_whole(value: &str) -> bool {
    value == mask::MASK
}
