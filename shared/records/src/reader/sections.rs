//! Markdown and plain text: sections by their headings, and paragraphs, each a record.

use super::{Found, RawRecord, Walk};
use crate::text::{in_one_line, shortened, visible, within_bytes};
use crate::{MAX_RECORDS, Node, Trouble};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Longest part of a section, in bytes; what is longer is cut at empty lines, or at lines.
const MAX_PART: usize = 4_000;
/// Up to here short paragraphs of plain text are put together, in bytes.
const FULL_PARAGRAPH: usize = 900;

/// The sections of a text, in order.
pub(crate) struct Sections(Vec<Section>);

/// A part of a text under a heading.
struct Section {
    start: usize,
    end: usize,
    title: Option<String>,
    key: Option<String>,
}

impl Sections {
    /// Finds the sections. Each has its heading as key, with a number from the second of that name on, so that a section
    /// keeps its key when its text or what stands before it changes.
    pub(crate) fn of_markdown(text: &str) -> Self {
        let mut sections = Vec::new();
        let mut known = BTreeMap::<String, usize>::new();
        let (mut title, mut start, mut at) = (None, 0, 0);
        let mut is_code = false;
        let count = Cell::new(0);
        let mut add = |title: &Option<String>, start: usize, end: usize| {
            for (from, to) in parts(text, start, end) {
                let slug = slug(title.as_deref().unwrap_or("start"));
                let times = known.entry(slug.clone()).or_default();
                *times += 1;
                let key = match *times {
                    1 => slug,
                    times => format!("{slug}-{times}"),
                };
                count.set(count.get() + 1);
                sections.push(Section {
                    start: from,
                    end: to,
                    title: title.clone(),
                    key: Some(key),
                });
            }
        };
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if count.get() > MAX_RECORDS {
                break;
            }
            let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let heading = if is_code { None } else { heading(rest) };
            if let Some((name, length)) = heading {
                add(&title, start, at);
                title = Some(visible(in_one_line(name)));
                (start, at) = (at + length, at + length);
                continue;
            }
            is_code ^= rest.trim_start_matches(' ').starts_with("```");
            at += line;
        }
        add(&title, start, text.len());
        sections.truncate(MAX_RECORDS + 1);
        Self(sections)
    }

    /// Finds the paragraphs of a text without headings. Short ones stay together. They have no keys: their words tell
    /// them apart.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        let mut start = None;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let is_blank = line.trim().is_empty();
            let from = *start.get_or_insert(at);
            at += line.len();
            if is_blank && at - from > FULL_PARAGRAPH {
                push_text(&mut sections, text, from, at);
                start = None;
            }
        }
        if let Some(from) = start {
            push_text(&mut sections, text, from, text.len());
        }
        sections.truncate(MAX_RECORDS + 1);
        Self(sections)
    }
}

fn push_text(sections: &mut Vec<Section>, text: &str, from: usize, to: usize) {
    let parts = parts(text, from, to).into_iter();
    sections.extend(parts.map(|(start, end)| Section {
        start,
        end,
        title: None,
        key: None,
    }));
}

/// A stretch of text in parts that are not too long, without those that are empty.
fn parts(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut from = start;
    while from < end {
        let rest = text.get(from..end).unwrap_or_default();
        let window = within_bytes(rest, MAX_PART);
        let length = match window.len() == rest.len() {
            true => rest.len(),
            false => {
                let blank = window.rfind("\n\n").map(|at| at + 2);
                let line = || window.rfind('\n').map(|at| at + 1);
                let space = || window.rfind(' ').map(|at| at + 1);
                blank.or_else(line).or_else(space).unwrap_or(window.len())
            }
        };
        let length = length.max(1);
        if !rest.get(..length).unwrap_or(rest).trim().is_empty() {
            parts.push((from, from + length));
        }
        from += length;
    }
    parts
}

impl Walk for Sections {
    fn step(&self, text: &str, _: usize, ordinal: usize) -> Result<Found, Trouble> {
        let Some(section) = self.0.get(ordinal) else {
            return Ok(Found::End);
        };
        let title = section.title.as_deref().filter(|title| !title.is_empty());
        let title = title.map(|title| ("title".to_owned(), Node::Text(shortened(title, 200))));
        let body = text.get(section.start..section.end).unwrap_or_default();
        let body = (
            "text".to_owned(),
            Node::Text(visible(body.trim().to_owned())),
        );
        let record = RawRecord {
            path: format!("sections[{ordinal}]"),
            key: section.key.clone(),
            value: Node::Object(title.into_iter().chain([body]).collect()),
        };
        Ok(Found::Record(record, section.end))
    }
}

/// A heading at the start of a text, and how many bytes its lines have: `## Title`, or a line with `===` or `---` below
/// it.
fn heading(text: &str) -> Option<(&str, usize)> {
    let window = within_bytes(text, 600);
    let mut lines = window.split_inclusive('\n');
    let first = lines.next()?;
    let marks = first.bytes().take_while(|byte| *byte == b'#').count();
    let behind = first.get(marks..)?;
    if (1..=6).contains(&marks) && behind.starts_with([' ', '\t']) {
        let title = behind.trim().trim_end_matches('#').trim_end();
        return Some((title, first.len()));
    }
    let second = lines.next()?;
    let below = second.trim_end();
    let is_line = |c: char| below.len() > 2 && below.chars().all(|other| other == c);
    let title = first.trim();
    let is_title = !title.is_empty() && title.len() < 200 && !title.contains('|');
    (is_title && (is_line('=') || is_line('-'))).then_some((title, first.len() + second.len()))
}

/// A heading as a key: letters and digits with dashes between the words.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().take(80) {
        match c.is_alphanumeric() {
            true => slug.extend(c.to_lowercase()),
            false if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            false => {}
        }
    }
    match slug.trim_end_matches('-') {
        "" => "section".to_owned(),
        slug => slug.to_owned(),
    }
}
