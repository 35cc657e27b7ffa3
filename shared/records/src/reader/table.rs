//! CSV and TSV (RFC 4180, and what spreadsheets make of it): the first row names the columns, each other is a record.

use super::{Found, RawRecord, Walk};
use crate::text::{in_one_line, shortened, visible, within_bytes};
use crate::trouble::line_of;
use crate::{MAX_RECORD_BYTES, Node, Trouble};

/// Delimiters that are looked for.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Most columns; cells behind them are left out.
const MAX_COLUMNS: usize = 1_000;
/// Longest name of a column, in characters.
const MAX_NAME: usize = 200;

/// What the first row says.
pub(crate) struct Table {
    delimiter: u8,
    names: Vec<String>,
}

/// A row and the byte behind it.
struct Row {
    cells: Vec<String>,
    end: usize,
}

impl Table {
    /// Reads the first row; the byte behind it comes along.
    pub(crate) fn new(text: &str, is_tsv: bool) -> Result<(Self, usize), Trouble> {
        let (said, start) = said_delimiter(text);
        let delimiter = match said {
            Some(said) => said,
            None if is_tsv => b'\t',
            None => likely_delimiter(text.get(start..).unwrap_or_default()),
        };
        let start = first_filled_line(text, start);
        let row = row(text, start, delimiter)?;
        Ok((
            Self {
                delimiter,
                names: names(row.cells),
            },
            row.end,
        ))
    }
}

/// Whether a text looks like a table: its first two lines have the same number of a delimiter.
pub(crate) fn is_table(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    let count = |line: &str, byte| unquoted(line.as_bytes()).filter(|b| *b == byte).count();
    DELIMITERS.into_iter().any(|byte| {
        (1..MAX_COLUMNS).contains(&count(first, byte)) && count(first, byte) == count(second, byte)
    })
}

/// `sep=;`, which a spreadsheet writes in a line before the table.
fn said_delimiter(text: &str) -> (Option<u8>, usize) {
    let line = text.split('\n').next().unwrap_or_default();
    match line.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some([byte]) if byte.is_ascii() => (
            Some(*byte),
            line.len() + usize::from(text.len() > line.len()),
        ),
        _ => (None, 0),
    }
}

/// The delimiter that most of the first lines have equally often as the first, or that the first has most often.
fn likely_delimiter(text: &str) -> u8 {
    let lines: Vec<&[u8]> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(8)
        .map(str::as_bytes)
        .collect();
    let count = |line: &[u8], byte: u8| unquoted(line).filter(|b| *b == byte).count();
    let worth = |byte: &u8| {
        let of_first = lines.first().map_or(0, |line| count(line, *byte));
        let alike = lines
            .iter()
            .filter(|line| of_first > 0 && count(line, *byte) == of_first)
            .count();
        (alike, of_first)
    };
    // Of equals the earlier one.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(worth)
        .unwrap_or(b',')
}

/// The bytes of a line that stand outside quotes.
fn unquoted(line: &[u8]) -> impl Iterator<Item = u8> {
    let mut is_quoted = false;
    line.iter().copied().filter(move |byte| {
        is_quoted ^= *byte == b'"';
        !is_quoted
    })
}

fn first_filled_line(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.len() - rest.trim_start_matches(['\r', '\n', ' ']).len()
}

/// The names of the columns: what has none is numbered, and so is what has another's.
fn names(cells: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut known = std::collections::BTreeMap::<String, usize>::new();
    for (n, cell) in cells.into_iter().enumerate() {
        let name = match shortened(&in_one_line(&cell), MAX_NAME) {
            name if name.is_empty() => format!("column {}", n + 1),
            name => name,
        };
        let times = known.entry(name.clone()).or_default();
        *times += 1;
        let numbered = match *times {
            1 => name,
            times => format!("{name} {times}"),
        };
        names.push(numbered);
    }
    names
}

/// Reads the row at a byte. A quote stands for itself unless it begins a cell; a cell that begins with one goes on, over
/// delimiters and line breaks, to the next that is not doubled.
fn row(text: &str, start: usize, delimiter: u8) -> Result<Row, Trouble> {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let mut at = start;
    loop {
        let mut cell = String::new();
        if bytes.get(at) == Some(&b'"') {
            let opened = at;
            at += 1;
            loop {
                let rest = text.get(at..).unwrap_or_default();
                let Some(length) = rest.find('"') else {
                    let message = format!(
                        "a quote is opened in line {} and never closed",
                        line_of(text, opened)
                    );
                    return Err(Trouble::new("bad_csv", message));
                };
                push(&mut cell, rest.get(..length).unwrap_or_default());
                at += length + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                cell.push('"');
                at += 1;
            }
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let is_end = |byte: &u8| *byte == delimiter || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        push(&mut cell, text.get(at..at + length).unwrap_or_default());
        at += length;
        if cells.len() < MAX_COLUMNS {
            cells.push(visible(cell.replace("\r\n", "\n")).trim().to_owned());
        }
        match bytes.get(at) {
            Some(byte) if *byte == delimiter => at += 1,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => {
                return Ok(Row { cells, end: at + 2 });
            }
            Some(_) => return Ok(Row { cells, end: at + 1 }),
            None => return Ok(Row { cells, end: at }),
        }
    }
}

/// Adds to a cell. What makes it longer than a record may be is left out: its row is, too.
fn push(cell: &mut String, more: &str) {
    let left = MAX_RECORD_BYTES.saturating_sub(cell.len());
    cell.push_str(within_bytes(more, left));
}

impl Walk for Table {
    fn step(&self, text: &str, at: usize, ordinal: usize) -> Result<Found, Trouble> {
        let mut at = at;
        loop {
            if at >= text.len() {
                return Ok(Found::End);
            }
            let Row { cells, end } = row(text, at, self.delimiter)?;
            if end - at > MAX_RECORD_BYTES {
                return Ok(Found::TooLong(end));
            }
            if cells.iter().all(String::is_empty) {
                at = end;
                continue;
            }
            let cells = cells.into_iter().enumerate().map(|(n, cell)| {
                let name = self.names.get(n).cloned();
                let value = match cell.is_empty() {
                    true => Node::Null,
                    false => Node::Text(cell),
                };
                (name.unwrap_or_else(|| format!("column {}", n + 1)), value)
            });
            let record = RawRecord {
                path: format!("rows[{ordinal}]"),
                key: None,
                value: Node::Object(crate::node::without_doubles(cells.collect())),
            };
            return Ok(Found::Record(record, end));
        }
    }
}
