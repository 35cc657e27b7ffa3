//! The records of a body, one after the other.

mod choice;
mod json;
mod lines;
mod outline;
mod place;
mod sections;
mod table;
mod xml;
mod xml_list;

use json::Parser;
pub(crate) use table::is_table;

use crate::text::within_bytes;
use crate::{Format, MAX_RECORDS, Node, Shape, Trouble, decode};
use std::borrow::Cow;

/// A record as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Where it stands in the body: `customers[0]`, `[7]`, `sections[2]`.
    pub path: String,
    /// Its key where its place says it (a heading); otherwise its fields do.
    pub key: Option<String>,
    /// What it holds.
    pub value: Node,
}

impl RawRecord {
    /// A record from the JSON of its fields ([`Node::to_json`]), with its key and the path where it stood.
    ///
    /// # Errors
    /// What is wrong with the JSON.
    pub fn of_json(json: &str, key: String, path: String) -> Result<Self, Trouble> {
        let value = Parser::new(json, 0).value(0, true)?;
        let key = Some(key);
        Ok(Self { path, key, value })
    }
}

/// How far a body has been read: given to [`Reader::resume`] with the same bytes, reading goes on there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Bytes of the text behind what was read.
    pub at: usize,
    /// Records read or skipped.
    pub ordinal: usize,
    /// Records skipped, since they were too long.
    pub skipped: usize,
    /// Where the list is, as the reader found it.
    pub place: String,
}

impl Position {
    /// As one text, to store.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!(
            "{}:{}:{}:{}",
            self.at, self.ordinal, self.skipped, self.place
        )
    }

    /// Reads what [`Self::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        Some(Self {
            at: parts.next()?.parse().ok()?,
            ordinal: parts.next()?.parse().ok()?,
            skipped: parts.next()?.parse().ok()?,
            place: parts.next()?.to_owned(),
        })
    }
}

/// How the records of a format are found: one after the other from a byte of the text on.
pub(crate) trait Walk: Send + Sync {
    /// The next record at or behind a byte.
    fn step(&self, text: &str, at: usize, ordinal: usize) -> Result<Found, Trouble>;
    /// What has to be known to go on without reading the text again.
    fn place(&self) -> String {
        String::new()
    }
}

/// What a step found, and the byte behind it.
pub(crate) enum Found {
    /// A record.
    Record(RawRecord, usize),
    /// A record that is too long.
    TooLong(usize),
    /// Nothing more.
    End,
}

/// An iterator over the records of a body. After a [`Trouble`] it is at its end; what it gave before is part of an
/// answer that is not whole, so that a caller who removes what is gone must not act on it.
pub struct Reader<'b> {
    text: Cow<'b, str>,
    walk: Box<dyn Walk>,
    position: Position,
    is_done: bool,
    is_cut: bool,
}

impl<'b> Reader<'b> {
    /// Finds the list of records. JSON and XML are checked as a whole here; the other formats as they are read.
    ///
    /// # Errors
    /// What is wrong with the body, or that nothing is at `records_at`.
    pub fn new(format: Format, bytes: &'b [u8], shape: &Shape) -> Result<Self, Trouble> {
        let text = text_of(format, bytes)?;
        let records_at = shape.records_at.as_deref();
        let (walk, at) = match format {
            Format::Json => match place::Place::find(&text, records_at)? {
                Some((place, at)) => (Box::new(place) as Box<dyn Walk>, at),
                None => (Box::new(Nothing) as Box<dyn Walk>, 0),
            },
            Format::Xml => match xml::Elements::find(&text, records_at)? {
                Some((elements, at)) => (Box::new(elements) as Box<dyn Walk>, at),
                None => (Box::new(Nothing) as Box<dyn Walk>, 0),
            },
            Format::JsonLines => (Box::new(lines::Lines) as Box<dyn Walk>, 0),
            Format::Csv | Format::Tsv => {
                let (table, at) = table::Table::new(&text, format == Format::Tsv)?;
                (Box::new(table) as Box<dyn Walk>, at)
            }
            Format::Markdown | Format::Html => {
                let sections = sections::Sections::of_markdown(&text);
                (Box::new(sections) as Box<dyn Walk>, 0)
            }
            Format::Text => {
                let sections = sections::Sections::of_text(&text);
                (Box::new(sections) as Box<dyn Walk>, 0)
            }
        };
        let position = Position {
            at,
            ordinal: 0,
            skipped: 0,
            place: walk.place(),
        };
        Ok(Self::of(text, walk, position))
    }

    /// Goes on where [`Self::position`] was, with the same bytes and the same shape.
    ///
    /// # Errors
    /// `bad_position` where it cannot be one of these bytes.
    pub fn resume(
        format: Format,
        bytes: &'b [u8],
        shape: &Shape,
        position: Position,
    ) -> Result<Self, Trouble> {
        let text = text_of(format, bytes)?;
        if !text.is_char_boundary(position.at) {
            return Err(Trouble::new(
                "bad_position",
                "the body is not the one that was begun",
            ));
        }
        let bad = || Trouble::new("bad_position", "the place of the list cannot be read");
        let walk: Box<dyn Walk> = match format {
            _ if position.place == NOTHING => Box::new(Nothing),
            Format::Json => Box::new(place::Place::of_text(&position.place).ok_or_else(bad)?),
            Format::Xml => Box::new(xml::Elements::of_text(&position.place).ok_or_else(bad)?),
            _ => Self::new(format, bytes, shape)?.walk,
        };
        Ok(Self::of(text, walk, position))
    }

    fn of(text: Cow<'b, str>, walk: Box<dyn Walk>, position: Position) -> Self {
        Self {
            text,
            walk,
            position,
            is_done: false,
            is_cut: false,
        }
    }

    /// How far it has read.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position.clone()
    }

    /// How many records were left out since they were longer than [`crate::MAX_RECORD_BYTES`].
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.position.skipped
    }

    /// Whether records were left out behind [`MAX_RECORDS`].
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<RawRecord, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            let Position { at, ordinal, .. } = self.position;
            let found = self.walk.step(&self.text, at, ordinal);
            if ordinal >= MAX_RECORDS && matches!(found, Ok(Found::Record(..) | Found::TooLong(_)))
            {
                (self.is_done, self.is_cut) = (true, true);
                break;
            }
            match found {
                Ok(Found::Record(mut record, end)) => {
                    self.position.at = end;
                    self.position.ordinal += 1;
                    record.path = within_bytes(&record.path, MAX_PATH_BYTES).to_owned();
                    return Some(Ok(record));
                }
                Ok(Found::TooLong(end)) => {
                    self.position.at = end;
                    self.position.ordinal += 1;
                    self.position.skipped += 1;
                }
                Ok(Found::End) => self.is_done = true,
                Err(trouble) => {
                    self.is_done = true;
                    return Some(Err(trouble));
                }
            }
        }
        None
    }
}

/// Longest text of a body. What is no UTF-8 becomes up to three times as long when it is read.
const MAX_TEXT_BYTES: usize = 24 * 1024 * 1024;
/// Longest path of a record.
const MAX_PATH_BYTES: usize = 200;
/// The place of an answer without records.
const NOTHING: &str = "-";

/// An answer without records, such as `{"data": null}`.
struct Nothing;

impl Walk for Nothing {
    fn step(&self, _: &str, _: usize, _: usize) -> Result<Found, Trouble> {
        Ok(Found::End)
    }

    fn place(&self) -> String {
        NOTHING.to_owned()
    }
}

fn text_of(format: Format, bytes: &[u8]) -> Result<Cow<'_, str>, Trouble> {
    if decode::length(bytes) > MAX_TEXT_BYTES {
        let message = "the text is larger than 24 MiB as UTF-8: have it served in parts";
        return Err(Trouble::new("too_large", message));
    }
    let text = decode::text_of(bytes);
    Ok(match format {
        Format::Html => Cow::Owned(crate::text::html_as_markdown(&text)),
        _ => text,
    })
}
