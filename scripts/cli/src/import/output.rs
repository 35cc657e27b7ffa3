//! The files that an import writes: the report and the mapping.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, WriterBuilder};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// A CSV that only grows, and by which much is known to be on disk. It begins with its header as
/// soon as it has a row; without rows it does not stay.
pub(crate) struct Output {
    path: PathBuf,
    header: ByteRecord,
    file: File,
    bytes: u64,
    /// A device or pipe can be neither cut nor measured.
    is_regular: bool,
}

/// Where a file is and how much of it belongs to the rows that are done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

impl Output {
    /// Opens the file and cuts it to what the place says, dropping rows of a batch that was not
    /// finished. A file that has less has been tampered with.
    pub(crate) fn open(place: &Place, header: ByteRecord) -> Result<Self, Failure> {
        let path = place.path.as_path();
        let failed = |error| Failure::file("write", path, &error);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_file() {
            if metadata.len() < place.bytes {
                return Err(Failure::usage(format!(
                    "{} has been cut or replaced since the import stopped: put it back, or begin \
                     anew with --restart",
                    path.display()
                )));
            }
            file.set_len(place.bytes).map_err(failed)?;
            file.seek(SeekFrom::End(0)).map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            header,
            file,
            bytes: place.bytes,
            is_regular: metadata.is_file(),
        })
    }

    /// Adds rows and returns when they are on disk.
    pub(crate) fn append(&mut self, rows: &[ByteRecord]) -> Result<(), Failure> {
        self.try_append(rows).map_err(|error| {
            let path = self.path.display();
            Failure::stopped(format!("cannot write {path}: {error}"))
        })
    }

    fn try_append(&mut self, rows: &[ByteRecord]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        // Unreadable rows have as many cells as they happen to have.
        let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        if self.bytes == 0 {
            writer.write_byte_record(&self.header)?;
        }
        for row in rows {
            writer.write_byte_record(row)?;
        }
        let text = writer.into_inner().map_err(|error| error.into_error())?;
        self.file.write_all(&text)?;
        self.bytes += text.len() as u64;
        if self.is_regular {
            self.file.sync_data()?;
        }
        Ok(())
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            path: self.path.clone(),
            bytes: self.bytes,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Removes the file if it never got a row.
    pub(crate) fn finish(&self) {
        if self.is_regular && self.is_empty() {
            // An empty file left behind harms nobody.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<ByteRecord> {
        text.split(' ')
            .map(|cell| ByteRecord::from(vec![cell]))
            .collect()
    }

    #[test]
    fn rows_of_an_unfinished_batch_are_dropped_on_going_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let begin = Place {
            path: path.clone(),
            bytes: 0,
        };
        let mut output = Output::open(&begin, ByteRecord::from(vec!["id"])).unwrap();
        output.append(&rows("1 2")).unwrap();
        let place = output.place();
        output.append(&rows("3")).unwrap();

        let mut output = Output::open(&place, ByteRecord::from(vec!["id"])).unwrap();
        output.append(&rows("4")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "id\n1\n2\n4\n");
    }

    #[test]
    fn a_file_that_has_become_shorter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            path: folder.path().join("out.csv"),
            bytes: 9,
        };
        let failure = Output::open(&place, ByteRecord::new()).err().unwrap();
        assert!(failure.message.contains("--restart"), "{}", failure.message);
    }

    #[test]
    fn a_file_without_rows_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            path: folder.path().join("out.csv"),
            bytes: 0,
        };
        Output::open(&place, ByteRecord::new()).unwrap().finish();
        assert!(!place.path.exists());
    }
}
