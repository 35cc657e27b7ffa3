//! What a user sees while an import runs.

use std::io::Write;
use std::time::Duration;

use super::totals::Totals;
use crate::bar::Bar;
use crate::text;

/// A bar on a terminal, a line for each batch elsewhere, nothing when quiet.
pub(crate) struct Progress {
    pub(crate) bar: Bar,
}

const TEMPLATE: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";

impl Progress {
    pub(crate) fn new(bytes: u64, interactive: bool, quiet: bool) -> Self {
        let bar = Bar::new(Some(bytes), TEMPLATE, interactive, quiet);
        Self { bar }
    }

    /// Where a resumed import begins, so that the time left is reckoned from there.
    pub(crate) fn begin_at(&self, bytes: u64) {
        if let Some(bar) = self.bar.drawn() {
            bar.set_position(bytes);
            bar.reset_eta();
        }
    }

    pub(crate) fn batch_done(
        &self,
        err: &mut dyn Write,
        rows: (u64, u64),
        batch: Totals,
        all: Totals,
        bytes: u64,
    ) {
        match self.bar.drawn() {
            Some(bar) => {
                bar.set_message(all.sentence());
                bar.set_position(bytes);
            }
            None => {
                let (first, last) = (text::count(rows.0), text::count(rows.1));
                self.bar.note(
                    err,
                    &format!("rows {first} to {last}: {}", batch.sentence()),
                );
            }
        }
    }
}

/// `1,234 records/s`, or nothing when there is too little to tell.
pub(crate) fn rate(rows: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if rows == 0 || seconds <= 0.0 {
        return "–".into();
    }
    // Far below what a double holds exactly.
    let rate = (rows as f64 / seconds).round() as u64;
    format!("{} records/s", text::count(rate))
}
