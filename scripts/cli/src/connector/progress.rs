//! What a user sees while a backfill runs.

use std::io::Write;
use std::time::Duration;

use super::backfill::Backfill;
use crate::bar::Bar;
use crate::text::count;

const TEMPLATE: &str = "{bar:30} {percent:>3}%  {msg}  {per_sec}  {eta} left";

/// A bar on a terminal, a line for each step elsewhere, nothing when quiet.
pub(super) struct Progress {
    /// What is counted.
    records: &'static str,
    pub(super) bar: Bar,
    last: Option<String>,
}

impl Progress {
    pub(super) fn new(records: &'static str, interactive: bool, quiet: bool) -> Self {
        let bar = Bar::new(Some(0), TEMPLATE, interactive, quiet);
        if let Some(drawn) = bar.drawn() {
            drawn.enable_steady_tick(Duration::from_secs(1));
        }
        Self {
            records,
            bar,
            last: None,
        }
    }

    /// How far it is; said once elsewhere than on a terminal.
    pub(super) fn show(&mut self, err: &mut dyn Write, backfill: &Backfill) {
        let sentence = backfill.sentence(self.records);
        let is_first = self.last.is_none();
        match self.bar.drawn() {
            Some(bar) => {
                bar.set_length(backfill.total);
                bar.set_position(backfill.done + backfill.failed);
                bar.set_message(sentence.clone());
                if is_first {
                    // What was done before tells nothing of the time that is left.
                    bar.reset_eta();
                }
            }
            None if self.bar.quiet || self.last.as_ref() == Some(&sentence) => {}
            None => {
                let _ = writeln!(err, "{sentence}");
            }
        }
        self.last = Some(sentence);
    }
}

impl Backfill {
    /// `5,100 of 12,480 messages done, 1 failed, 899 waiting`.
    pub(super) fn sentence(&self, records: &str) -> String {
        let (done, total) = (count(self.done), count(self.total));
        let (failed, waiting) = (count(self.failed), count(self.waiting));
        format!("{done} of {total} {records}s done, {failed} failed, {waiting} waiting")
    }
}
