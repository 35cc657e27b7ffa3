//! What format a body is in.

use crate::reader::is_table;
use crate::{Trouble, decode};

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One document.
    Json,
    /// Documents one after the other.
    JsonLines,
    /// A table with a delimiter, which is found.
    Csv,
    /// A table with tabs.
    Tsv,
    /// Elements.
    Xml,
    /// Text with headings.
    Markdown,
    /// A page.
    Html,
    /// Paragraphs.
    Text,
}

/// What a link's type lets one expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// An API, whose answers are data: a web page is an error page or a login.
    Data,
    /// A file or a page.
    Anything,
}

/// How much of a body is looked at, in bytes.
const WINDOW: usize = 4096;

/// The formats by their names.
const NAMES: [(Format, &str); 8] = [
    (Format::Json, "json"),
    (Format::JsonLines, "json_lines"),
    (Format::Csv, "csv"),
    (Format::Tsv, "tsv"),
    (Format::Xml, "xml"),
    (Format::Markdown, "markdown"),
    (Format::Html, "html"),
    (Format::Text, "text"),
];

impl Format {
    /// A word for it, to store.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = NAMES.iter().find(|(format, _)| *format == self);
        known.map_or("", |(_, name)| name)
    }

    /// The format that [`Self::name`] named.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(format, _)| *format)
    }

    /// Tells the format by the answer's `content-type`, by the end of the URL's path, and by how the body begins.
    ///
    /// # Errors
    /// `empty_body`, `web_page` where data were expected, `binary` for what is no text.
    pub fn detect(
        content_type: Option<&str>,
        url_path: &str,
        bytes: &[u8],
        expected: Expected,
    ) -> Result<Self, Trouble> {
        let text = decode::text_of(bytes.get(..WINDOW).unwrap_or(bytes));
        let start = text.trim_start();
        if start.is_empty() && decode::text_of(bytes).trim().is_empty() {
            return Err(Trouble::new(
                "empty_body",
                "the endpoint answered with nothing",
            ));
        }
        if is_binary(bytes, start) {
            return Err(Trouble::new(
                "binary",
                "the file is no text; export a spreadsheet as CSV and a document as text",
            ));
        }
        let declared = content_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        let declared = declared.trim().to_ascii_lowercase();
        let says = |word: &str| declared.contains(word);
        let is_json = is_json(start);
        if !is_json && (says("html") || is_page(start)) {
            return match expected {
                Expected::Data => Err(Trouble::new(
                    "web_page",
                    "the endpoint answered with a web page; is the URL that of the API, and is its key right?",
                )),
                Expected::Anything => Ok(Self::Html),
            };
        }
        let by_type = match () {
            () if ["ndjson", "jsonl", "json-seq"].into_iter().any(says) || says("jsonlines") => {
                Some(Self::JsonLines)
            }
            () if says("json") => Some(json_or_lines(&text, bytes)),
            () if says("tab-separated") => Some(Self::Tsv),
            () if says("csv") => Some(Self::Csv),
            () if says("xml") => Some(Self::Xml),
            () if says("markdown") => Some(Self::Markdown),
            () => None,
        };
        let found = by_type
            .or_else(|| by_ending(url_path))
            .filter(|found| match found {
                Self::Json | Self::JsonLines => true,
                // Many files of data are served as something else.
                _ => !is_json,
            });
        Ok(found.unwrap_or_else(|| by_look(start, is_json, bytes)))
    }
}

fn is_binary(bytes: &[u8], start: &str) -> bool {
    let magic: [&[u8]; 6] = [
        b"PK\x03\x04",
        b"%PDF",
        b"\x1f\x8b",
        b"\xd0\xcf\x11\xe0",
        b"\x89PNG",
        b"{\\rtf",
    ];
    magic.iter().any(|magic| bytes.starts_with(magic)) || start.contains('\0')
}

fn is_page(start: &str) -> bool {
    let window: String = start
        .chars()
        .take(600)
        .collect::<String>()
        .to_ascii_lowercase();
    window.starts_with("<!doctype html") || (window.starts_with('<') && window.contains("<html"))
}

/// Whether a body begins as a document of JSON does; `[note] …` and `{name}` do not.
fn is_json(start: &str) -> bool {
    let mut chars = start.chars().filter(|c| !c.is_whitespace());
    match (chars.next(), chars.next()) {
        (Some('{'), Some('"' | '}') | None) => true,
        (Some('['), next) => matches!(next, Some('{' | '[' | '"' | ']' | '-' | '0'..='9') | None),
        _ => false,
    }
}

/// Several documents are lines, whatever the type says.
fn json_or_lines(start: &str, bytes: &[u8]) -> Format {
    let lines = start.trim_start().split('\n').map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty());
    let is_whole = |line: &str| line.starts_with('{') && line.ends_with('}');
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) if is_whole(first) && second.starts_with('{') => {
            Format::JsonLines
        }
        // A first line that is longer than what is looked at.
        (Some(first), None) if first.starts_with('{') && bytes.len() > WINDOW => {
            let text = decode::text_of(bytes);
            let mut lines = text.trim_start().split('\n').map(str::trim);
            let first = lines.next().is_some_and(is_whole);
            let second = lines.find(|line| !line.is_empty());
            match first && second.is_some_and(|line| line.starts_with('{')) {
                true => Format::JsonLines,
                false => Format::Json,
            }
        }
        _ => Format::Json,
    }
}

fn by_ending(url_path: &str) -> Option<Format> {
    let path = url_path.split(['?', '#']).next().unwrap_or_default();
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "json" => Format::Json,
        "jsonl" | "ndjson" => Format::JsonLines,
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        "xml" | "rss" | "atom" => Format::Xml,
        "md" | "markdown" => Format::Markdown,
        "html" | "htm" => Format::Html,
        "txt" => Format::Text,
        _ => return None,
    })
}

fn by_look(start: &str, is_json: bool, bytes: &[u8]) -> Format {
    if is_json {
        return json_or_lines(start, bytes);
    }
    if start.starts_with("<?xml") || is_element(start) {
        return Format::Xml;
    }
    if start
        .lines()
        .any(|line| line.starts_with("# ") || line.starts_with("## "))
    {
        return Format::Markdown;
    }
    match is_table(start) {
        true if start.lines().next().is_some_and(|line| line.contains('\t')) => Format::Tsv,
        true => Format::Csv,
        false => Format::Text,
    }
}

fn is_element(start: &str) -> bool {
    let name = start.strip_prefix('<');
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.contains('>')
    })
}
