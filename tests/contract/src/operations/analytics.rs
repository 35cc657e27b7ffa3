//! What a span of days came to.

use crate::entry::{Entry, json, ok, other};
use crate::shapes::{Analytics, plain};

pub(crate) static ENTRIES: &[Entry] = &[Entry {
    operation: "analytics_get",
    summary: "Get figures",
    description: "What each day of a span came to, and the span as a whole: conversations, times \
                  until the first answer and until the end, messages, ratings, what was synced, and \
                  what each agent did. Days are those of UTC. It is counted anew with each call, as \
                  things now stand: a conversation counts as escalated or answered on the day on \
                  which it began, however late that came.\n\n\
                  As CSV (`format=csv`, or `Accept: text/csv`) it has a line for each day, whose \
                  columns are the fields of JSON; with `of=agents` a line for each agent. What was \
                  not counted is empty. A cell that a spreadsheet would take for a formula begins \
                  with an apostrophe.",
    sample_target: "?from=2026-11-19&to=2026-11-20",
    request: None,
    answers: &[ok(
        "The figures.",
        &[
            json::<Analytics>(
                "figures",
                "Two days",
                include_str!("../examples/analytics.json"),
            ),
            other(
                "text/csv",
                "agents",
                "The agents",
                plain,
                include_str!("../examples/analytics.agents.csv"),
            ),
        ],
    )],
    errors: &[],
}];
