//! What a user sees meanwhile.

use std::io::Write;

use crate::bar::Bar;
use crate::text::{count, size};

const READING: &str = "{spinner} {msg}  {elapsed}";
const SENDING: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";

/// A bar on a terminal, now and then a line elsewhere, nothing when quiet.
pub(super) struct Progress {
    pub(super) bar: Bar,
    doing: &'static str,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub(super) rows: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Progress {
    /// Of a length that nobody knows.
    pub(super) fn reading(interactive: bool, quiet: bool) -> Self {
        Self {
            bar: Bar::new(None, READING, interactive, quiet),
            doing: "read",
        }
    }

    /// Of so many bytes.
    pub(super) fn of(doing: &'static str, bytes: u64, interactive: bool, quiet: bool) -> Self {
        Self {
            bar: Bar::new(Some(bytes), SENDING, interactive, quiet),
            doing,
        }
    }

    pub(super) fn begin_at(&self, bytes: u64) {
        if let Some(bar) = self.bar.drawn() {
            bar.set_position(bytes);
            bar.reset_eta();
        }
    }

    /// After each part; `is_worth_a_line` where there is no terminal.
    pub(super) fn show(&self, err: &mut dyn Write, done: Done, is_worth_a_line: bool) {
        let (rows, files, bytes) = (count(done.rows), count(done.files), size(done.bytes));
        let sentence = format!("{} {rows} rows and {files} files, {bytes}", self.doing);
        match self.bar.drawn() {
            Some(bar) => {
                bar.set_message(sentence);
                bar.set_position(done.bytes);
            }
            None if is_worth_a_line => self.bar.note(err, &sentence),
            None => {}
        }
    }
}
