//! What a user sees while an import runs.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::totals::Totals;
use crate::api::Wait;
use crate::text;

/// A bar on a terminal, a line for each batch elsewhere, nothing when quiet.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
}

const TEMPLATE: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";

impl Progress {
    pub(crate) fn new(bytes: u64, interactive: bool, quiet: bool) -> Self {
        let bar = (interactive && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
            match ProgressStyle::with_template(TEMPLATE) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, quiet }
    }

    /// Where a resumed import begins, so that the time left is reckoned from there.
    pub(crate) fn begin_at(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.reset_eta();
        }
    }

    /// A line above the bar.
    pub(crate) fn note(&self, err: &mut dyn Write, line: &str) {
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

    pub(crate) fn waiting(&self, err: &mut dyn Write, wait: &Wait<'_>) {
        let seconds = wait.time.as_secs_f64();
        let (error, retry) = (wait.error, wait.retry);
        self.note(err, &format!("{error}; retry {retry} in {seconds:.1} s"));
    }

    pub(crate) fn batch_done(
        &self,
        err: &mut dyn Write,
        rows: (u64, u64),
        batch: Totals,
        all: Totals,
        bytes: u64,
    ) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(all.sentence());
                bar.set_position(bytes);
            }
            None => {
                let (first, last) = (text::count(rows.0), text::count(rows.1));
                self.note(
                    err,
                    &format!("rows {first} to {last}: {}", batch.sentence()),
                );
            }
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
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
