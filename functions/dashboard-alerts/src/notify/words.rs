//! What people are told.

use crate::alert::Alert;
use common::Context;
use common::time::Timestamp;

/// Longest subject of a mail, in characters.
const MAX_SUBJECT_CHARS: usize = 150;

/// What is sent.
#[derive(Debug)]
pub(crate) struct Words {
    /// One line.
    pub(crate) subject: String,
    /// The same, and what follows it.
    pub(crate) text: String,
}

/// What is said of an alert that was raised or resolved.
pub(crate) fn words(cx: &Context<'_>, business: &str, event: &str, alert: &Alert) -> Words {
    let (state, time) = match (event, alert.ended_at) {
        ("resolved", Some(ended)) => ("Resolved", format!("Ended {}.", minute(ended))),
        _ => (
            match alert.severity {
                crate::cause::Severity::Critical => "Critical",
                crate::cause::Severity::Warning => "Warning",
            },
            format!("Since {}.", minute(alert.began_at)),
        ),
    };
    // Without its origin a deployment sends no link, but the alert all the same.
    let link = cx
        .ports
        .public_origin()
        .map(|origin| format!("\n{origin}/dashboard/alerts"));
    let line = format!("{state}: {}", alert.summary);
    said(
        business,
        &line,
        &format!("{time}{}", link.unwrap_or_default()),
    )
}

/// What a test sends.
pub(crate) fn sample(business: &str) -> Words {
    let line = "Test: alerts of Tieline arrive here";
    said(
        business,
        line,
        "Somebody tries out where alerts go. Nothing is wrong.",
    )
}

fn said(business: &str, line: &str, more: &str) -> Words {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = format!("[{business}] {line}").chars().map(plain).collect();
    Words {
        subject: line.chars().take(MAX_SUBJECT_CHARS).collect(),
        text: format!("{line}\n{more}"),
    }
}

/// A time as people read it, in UTC.
pub(crate) fn minute(at: Timestamp) -> String {
    let shown = at.to_string();
    let (date, time) = shown.split_once('T').unwrap_or_default();
    format!("{date} {} UTC", time.get(..5).unwrap_or_default())
}
