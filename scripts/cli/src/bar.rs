//! A bar on a terminal, lines elsewhere, nothing when quiet.

use std::io::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::api::Wait;

/// What shows how far something is.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
    pub(crate) quiet: bool,
}

impl Bar {
    /// One of this length, or of an unknown one.
    pub(crate) fn new(length: Option<u64>, template: &str, interactive: bool, quiet: bool) -> Self {
        let bar = (interactive && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, quiet }
    }

    /// The bar itself, on a terminal.
    pub(crate) fn drawn(&self) -> Option<&ProgressBar> {
        self.bar.as_ref()
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

    /// That a request is sent again, and when.
    pub(crate) fn waiting(&self, err: &mut dyn Write, wait: &Wait<'_>) {
        let seconds = wait.time.as_secs_f64();
        let (error, retry) = (wait.error, wait.retry);
        self.note(err, &format!("{error}; retry {retry} in {seconds:.1} s"));
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
