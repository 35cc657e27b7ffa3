//! What a user sees while a backfill runs.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::backfill::Backfill;
use crate::api::Wait;
use crate::text::count;

const TEMPLATE: &str = "{bar:30} {percent:>3}%  {msg}  {per_sec}  {eta} left";

/// A bar on a terminal, a line for each step elsewhere, nothing when quiet.
pub(super) struct Progress {
    /// What is counted.
    records: &'static str,
    bar: Option<ProgressBar>,
    quiet: bool,
    last: Option<String>,
}

impl Progress {
    pub(super) fn new(records: &'static str, interactive: bool, quiet: bool) -> Self {
        let bar = (interactive && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            let bar = match ProgressStyle::with_template(TEMPLATE) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            };
            bar.enable_steady_tick(Duration::from_secs(1));
            bar
        });
        Self {
            records,
            bar,
            quiet,
            last: None,
        }
    }

    /// How far it is; said once elsewhere than on a terminal.
    pub(super) fn show(&mut self, err: &mut dyn Write, backfill: &Backfill) {
        let sentence = backfill.sentence(self.records);
        let is_first = self.last.is_none();
        match &self.bar {
            Some(bar) => {
                bar.set_length(backfill.total);
                bar.set_position(backfill.done + backfill.failed);
                bar.set_message(sentence.clone());
                if is_first {
                    // What was done before tells nothing of the time that is left.
                    bar.reset_eta();
                }
            }
            None if self.quiet || self.last.as_ref() == Some(&sentence) => {}
            None => {
                let _ = writeln!(err, "{sentence}");
            }
        }
        self.last = Some(sentence);
    }

    pub(super) fn waiting(&self, err: &mut dyn Write, wait: &Wait<'_>) {
        let seconds = wait.time.as_secs_f64();
        let (error, retry) = (wait.error, wait.retry);
        self.note(err, &format!("{error}; retry {retry} in {seconds:.1} s"));
    }

    /// A line above the bar.
    pub(super) fn note(&self, err: &mut dyn Write, line: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => bar.suspend(|| {
                let _ = writeln!(err, "{line}");
            }),
            None => {
                let _ = writeln!(err, "{line}");
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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
