//! CSV files.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::PathBuf;
use std::rc::Rc;
use std::str::FromStr;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::field::{Field, Target};
use super::mapping::{Columns, plan_columns};
use super::record::{Row, Unusable, from_cells, row};
use super::source::{MAX_ROW, Source, open_text};
use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::text;

/// Put after the file's end. A quotation mark that is never closed swallows it, which is the only
/// way to tell such a row from one that is merely long.
const END: &[u8] = b"\n\x1atielineendoffile";

/// What separates cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delimiter(u8);

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            b"tab" | b"\\t" | b"\t" => Ok(Self(b'\t')),
            b"space" | b" " => Ok(Self(b' ')),
            [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Ok(Self(*byte)),
            _ => Err("give one sign such as ; or the word tab".into()),
        }
    }
}

impl Delimiter {
    pub(crate) fn name(self) -> String {
        match self.0 {
            b'\t' => "tab".into(),
            b' ' => "space".into(),
            byte => char::from(byte).to_string(),
        }
    }

    /// The usual sign that is most often in the header line outside quotation marks; a comma when
    /// there is none.
    fn detect(beginning: &[u8]) -> Self {
        let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
        let mut quoted = false;
        let mut seen = false;
        for byte in beginning {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' | b'\r' if !quoted && seen => break,
                _ if quoted => {}
                _ => {
                    let found = counts.iter_mut().find(|(sign, _)| sign == byte);
                    if let Some((_, count)) = found {
                        *count += 1;
                    }
                }
            }
            seen |= !matches!(byte, b'\n' | b'\r');
        }
        // `max_by_key` takes the last of equals, and the comma is to win.
        let most = counts.iter().rev().max_by_key(|(_, count)| *count);
        Self(most.map_or(b',', |(sign, _)| *sign))
    }
}

/// The rows beneath a header line.
pub(crate) struct CsvSource {
    path: PathBuf,
    reader: Reader<Limited>,
    budget: Rc<Cell<u64>>,
    delimiter: Delimiter,
    header: ByteRecord,
    names: Vec<String>,
    columns: Columns,
    system: Option<String>,
    rows: u64,
}

impl CsvSource {
    pub(super) fn open(options: &ImportArgs) -> Result<Self, Failure> {
        let path = options.file.clone();
        let (beginning, file) = open_text(&path)?;
        let delimiter = options
            .delimiter
            .unwrap_or_else(|| Delimiter::detect(&beginning));
        let budget = Rc::new(Cell::new(MAX_ROW));
        let file = Limited {
            inner: Box::new(file.chain(END)),
            budget: Rc::clone(&budget),
        };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.0)
            .from_reader(file);
        let mut header = ByteRecord::new();
        let read = reader.read_byte_record(&mut header);
        let wrong = |what: &str| Failure::usage(format!("{}: {what}", path.display()));
        read.map_err(|error| wrong(&format!("the header line cannot be read: {error}")))?;
        match ending(&header) {
            Ending::End => return Err(wrong("the file is empty")),
            Ending::Unclosed => return Err(wrong("a quotation mark in the header is not closed")),
            Ending::None => {}
        }
        let names: Result<Vec<String>, _> = header
            .iter()
            .map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()))
            .collect();
        let names = names.map_err(|_| wrong("the header is not UTF-8: save the file as UTF-8"))?;
        let columns = plan_columns(&names, &options.maps).map_err(|error| wrong(&error))?;
        let identifies = |target: &Target| {
            use Field::{Email, ExternalId, Phone, WhatsappNumber};
            let fields = [ExternalId, Email, Phone, WhatsappNumber];
            fields.iter().any(|field| *target == Target::Field(*field))
        };
        if !columns.filled.iter().any(|(_, target)| identifies(target)) {
            return Err(wrong(&format!(
                "no column fills external_id, email, phone or whatsapp_number, so no customer could \
                 be told from another; the columns are {}. Name one with --map \"COLUMN=email\", or \
                 give --delimiter if these are not the columns",
                names.join(", ")
            )));
        }
        Ok(Self {
            path,
            reader,
            budget,
            delimiter,
            header,
            names,
            columns,
            system: options.system.clone(),
            rows: 0,
        })
    }

    fn unusable(&self, cells: &ByteRecord, begins: u64) -> Option<Unusable> {
        let (has, expected) = (cells.len(), self.header.len());
        if has == expected {
            return None;
        }
        let ends = self.reader.position().line().max(begins + 1) - 1;
        let lines = if ends > begins {
            format!("lines {begins} to {ends}")
        } else {
            format!("line {begins}")
        };
        Some(Unusable::unreadable(format!(
            "{} instead of {expected} (at {lines})",
            text::counted(has as u64, "column")
        )))
    }
}

impl Source for CsvSource {
    fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        let mut cells = ByteRecord::new();
        self.budget.set(MAX_ROW);
        let read = self.reader.read_byte_record(&mut cells);
        let more = read.map_err(|error| {
            Failure::stopped(format!(
                "cannot read on in {}: {error}",
                self.path.display()
            ))
        })?;
        let begins = cells.position().map_or(0, csv::Position::line);
        let unusable = match ending(&cells) {
            _ if !more => return Ok(None),
            Ending::End => return Ok(None),
            Ending::Unclosed => {
                cells = without_end(&cells);
                Some(Unusable::unreadable(format!(
                    "a quotation mark opened in the row at line {begins} is never closed, so this \
                     row and all after it could not be read"
                )))
            }
            Ending::None => self.unusable(&cells, begins),
        };
        self.rows += 1;
        let record = match unusable {
            Some(unusable) => Err(unusable),
            None => from_cells(&cells, &self.columns.filled),
        };
        Ok(Some(row(self.rows, cells, record, self.system.as_deref())))
    }

    fn bytes_read(&self) -> u64 {
        self.reader.position().byte()
    }

    fn columns(&self) -> &ByteRecord {
        &self.header
    }

    fn describe(&self) -> String {
        let name = |column: usize| self.names.get(column).cloned().unwrap_or_default();
        let filled = self.columns.filled.iter();
        let rows: Vec<Vec<String>> = filled
            .map(|(column, target)| {
                vec![
                    format!("  {}", name(*column)),
                    format!("→ {}", target.name()),
                ]
            })
            .collect();
        let ignored: Vec<String> = self.columns.ignored.iter().map(|&c| name(c)).collect();
        let ignored = match ignored.len() {
            0 => "nothing".to_owned(),
            _ => ignored.join(", "),
        };
        format!(
            "CSV with {} separated by {}\n{}\n  ignored: {ignored}",
            text::counted(self.names.len() as u64, "column"),
            self.delimiter.name(),
            text::table(&rows),
        )
    }
}

enum Ending {
    /// An ordinary row.
    None,
    /// The end of the file.
    End,
    /// A row that ran into the end of the file.
    Unclosed,
}

fn ending(cells: &ByteRecord) -> Ending {
    let Some(last) = cells.iter().next_back() else {
        return Ending::None;
    };
    if cells.len() == 1 && END.strip_prefix(b"\n") == Some(last) {
        Ending::End
    } else if last.ends_with(END) {
        Ending::Unclosed
    } else {
        Ending::None
    }
}

fn without_end(cells: &ByteRecord) -> ByteRecord {
    let strip = |cell| <[u8]>::strip_suffix(cell, END).unwrap_or(cell);
    cells.iter().map(strip).collect()
}

/// A reader that fails when one row takes more than its budget.
struct Limited {
    inner: Box<dyn Read>,
    budget: Rc<Cell<u64>>,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.budget.get().checked_sub(read as u64) {
            Some(left) => self.budget.set(left),
            None => {
                return Err(io::Error::other(format!(
                    "a row is longer than {}: is a quotation mark not closed?",
                    text::size(MAX_ROW)
                )));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_sign_most_often_in_the_header() {
        let detect = |text: &str| Delimiter::detect(text.as_bytes()).name();
        assert_eq!(detect("a;b;c\n1,2,3,4,5"), ";");
        assert_eq!(detect("a\tb"), "tab");
        assert_eq!(detect("\"a;b;c\",d"), ",");
        assert_eq!(detect("\r\na|b\r\n"), "|");
        assert_eq!(detect("single"), ",");
    }

    #[test]
    fn a_delimiter_is_one_character_or_tab() {
        assert_eq!("tab".parse(), Ok(Delimiter(b'\t')));
        assert_eq!("^".parse(), Ok(Delimiter(b'^')));
        assert!("".parse::<Delimiter>().is_err());
        assert!(",,".parse::<Delimiter>().is_err());
        assert!("\"".parse::<Delimiter>().is_err());
    }
}
