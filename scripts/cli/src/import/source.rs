//! A file, row by row.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use csv::ByteRecord;

use super::csv_source::CsvSource;
use super::jsonl_source::JsonlSource;
use super::record::Row;
use crate::args::ImportArgs;
use crate::failure::Failure;

/// A row beyond this is not read into memory: the API takes 5 MiB in all.
pub(super) const MAX_ROW: u64 = 8 * 1024 * 1024;

/// How much is looked at to tell encoding and delimiter.
const PEEK: u64 = 64 * 1024;

/// Rows in the order of the file.
pub(crate) trait Source {
    /// A row that cannot be read is a [`Row`] too; only a file that cannot be read on is an error.
    fn next_row(&mut self) -> Result<Option<Row>, Failure>;
    /// How far in the file it is.
    fn bytes_read(&self) -> u64;
    /// Names of the cells in [`Row::original`].
    fn columns(&self) -> &ByteRecord;
    /// What is sent of it, for the user to check.
    fn describe(&self) -> String;
}

/// Opens a file by its extension and checks the options against it.
pub(crate) fn open(options: &ImportArgs) -> Result<Box<dyn Source>, Failure> {
    let path = options.file.as_path();
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("csv" | "tsv" | "txt") => Ok(Box::new(CsvSource::open(options)?)),
        Some("jsonl" | "ndjson") => Ok(Box::new(JsonlSource::open(options)?)),
        _ => Err(Failure::usage(format!(
            "cannot tell what {} is: name it .csv or .jsonl",
            path.display()
        ))),
    }
}

/// The beginning of a file without its byte order mark, and the whole of it to be read.
pub(super) fn open_text(path: &Path) -> Result<(Vec<u8>, impl Read + use<>), Failure> {
    let unreadable = |error| Failure::file("read", path, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut beginning = Vec::new();
    file.by_ref()
        .take(PEEK)
        .read_to_end(&mut beginning)
        .map_err(unreadable)?;
    if beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]) {
        return Err(Failure::usage(format!(
            "{} is UTF-16: save it as UTF-8 (in Excel: \"CSV UTF-8\")",
            path.display()
        )));
    }
    if beginning.starts_with(&[0xef, 0xbb, 0xbf]) {
        beginning.drain(..3);
    }
    Ok((beginning.clone(), Cursor::new(beginning).chain(file)))
}
