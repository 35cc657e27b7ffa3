//! JSONL files: one object a line.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use serde_json::{Map, Value};

use super::mapping::MapRule;
use super::record::{Row, Unusable, rename, row};
use super::source::{MAX_ROW, Source, open_text};
use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::text;

/// The objects of a file; blank lines are counted but give no row.
pub(crate) struct JsonlSource {
    path: PathBuf,
    lines: Lines,
    columns: ByteRecord,
    rules: Vec<MapRule>,
    system: Option<String>,
}

impl JsonlSource {
    pub(super) fn open(options: &ImportArgs) -> Result<Self, Failure> {
        let path = options.file.clone();
        if options.delimiter.is_some() {
            return Err(Failure::usage("--delimiter is for CSV files"));
        }
        check_sources(&path, &options.maps)?;
        let lines = Lines::open(&path)?;
        Ok(Self {
            path,
            lines,
            columns: ByteRecord::from(vec!["record"]),
            rules: options.maps.clone(),
            system: options.system.clone(),
        })
    }
}

impl Source for JsonlSource {
    fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        let line = loop {
            match self.lines.next_line(&self.path)? {
                None => return Ok(None),
                Some(line) if line.bytes.trim_ascii().is_empty() => {}
                Some(line) => break line,
            }
        };
        let bytes = line.bytes.trim_ascii();
        let record = if line.is_cut {
            let limit = text::size(MAX_ROW);
            Err(Unusable::unreadable(format!(
                "the line is longer than {limit}"
            )))
        } else {
            parse(bytes).and_then(|record| rename(record, &self.rules))
        };
        let original = ByteRecord::from(vec![bytes]);
        let number = self.lines.count;
        Ok(Some(row(number, original, record, self.system.as_deref())))
    }

    fn bytes_read(&self) -> u64 {
        self.lines.bytes
    }

    fn columns(&self) -> &ByteRecord {
        &self.columns
    }

    fn describe(&self) -> String {
        let rules: Vec<Vec<String>> = self
            .rules
            .iter()
            .map(|rule| {
                let target = rule.target.as_ref();
                let target =
                    target.map_or("ignored".into(), |target| format!("→ {}", target.name()));
                vec![format!("  {}", rule.source), target]
            })
            .collect();
        match rules.len() {
            0 => "JSONL, sent as it is".to_owned(),
            _ => format!("JSONL, sent as it is but for\n{}", text::table(&rules)),
        }
    }
}

fn parse(line: &[u8]) -> Result<Map<String, Value>, Unusable> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(record)) => Ok(record),
        Ok(_) => Err(Unusable::unreadable("the line is not an object")),
        Err(error) => {
            let error = error
                .to_string()
                .replace(" at line 1 column ", " at column ");
            Err(Unusable::unreadable(format!(
                "the line is not JSON: {error}"
            )))
        }
    }
}

/// Every source of a rule has to be a key somewhere in the file; usually the first line tells.
fn check_sources(path: &Path, rules: &[MapRule]) -> Result<(), Failure> {
    let mut missing: Vec<&str> = rules.iter().map(|rule| rule.source.as_str()).collect();
    let mut lines = Lines::open(path)?;
    let mut keys: Vec<String> = Vec::new();
    while !missing.is_empty() {
        let Some(line) = lines.next_line(path)? else {
            break;
        };
        let Ok(record) = parse(&line.bytes) else {
            continue;
        };
        missing.retain(|source| !record.contains_key(*source));
        if keys.is_empty() {
            keys = record.keys().cloned().collect();
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(source) => Err(Failure::usage(format!(
            "--map \"{source}=…\": no line of {} has that key; the first has {}",
            path.display(),
            keys.join(", ")
        ))),
    }
}

struct Line {
    bytes: Vec<u8>,
    /// Whether it is only the beginning of a line that is too long.
    is_cut: bool,
}

struct Lines {
    reader: BufReader<Box<dyn Read>>,
    /// Lines read.
    count: u64,
    bytes: u64,
}

/// What the report shows of a line that is too long.
const SHOWN: usize = 1000;

impl Lines {
    fn open(path: &Path) -> Result<Self, Failure> {
        let (_, file) = open_text(path)?;
        Ok(Self {
            reader: BufReader::new(Box::new(file)),
            count: 0,
            bytes: 0,
        })
    }

    fn next_line(&mut self, path: &Path) -> Result<Option<Line>, Failure> {
        let failed =
            |error| Failure::stopped(format!("cannot read on in {}: {error}", path.display()));
        let mut bytes = Vec::new();
        let mut limited = self.reader.by_ref().take(MAX_ROW);
        let read = limited.read_until(b'\n', &mut bytes).map_err(failed)?;
        if read == 0 {
            return Ok(None);
        }
        self.count += 1;
        self.bytes += read as u64;
        let mut is_cut = false;
        if read as u64 == MAX_ROW && !bytes.ends_with(b"\n") {
            let skipped = self.reader.skip_until(b'\n').map_err(failed)?;
            self.bytes += skipped as u64;
            is_cut = skipped > 0;
        }
        if is_cut {
            bytes.truncate(SHOWN);
        }
        Ok(Some(Line { bytes, is_cut }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_is_whole() {
        let mut text = vec![b'x'; usize::try_from(MAX_ROW).unwrap() + 5];
        text.extend(b"\n{}\n");
        let mut lines = Lines {
            reader: BufReader::new(Box::new(Cursor::new(text))),
            count: 0,
            bytes: 0,
        };
        let cut = lines.next_line(Path::new("f")).unwrap().unwrap();
        assert_eq!((cut.is_cut, cut.bytes.len()), (true, SHOWN));
        let whole = lines.next_line(Path::new("f")).unwrap().unwrap();
        assert_eq!(
            (whole.is_cut, whole.bytes.as_slice()),
            (false, &b"{}\n"[..])
        );
        assert!(lines.next_line(Path::new("f")).unwrap().is_none());
    }

    #[test]
    fn what_is_no_object_says_so() {
        assert_eq!(
            parse(b"[1]").unwrap_err().error,
            "the line is not an object"
        );
        let error = parse(b"{\"a\":1").unwrap_err().error;
        assert!(error.ends_with("at column 6"), "{error}");
        for unsendable in [&b"{\"a\":1e999}"[..], b"{\"a\":\"\\ud800\"}"] {
            assert!(parse(unsendable).is_err());
        }
    }
}
