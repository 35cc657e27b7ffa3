//! What a span of days came to.

use crate::entry::{Entry, json, ok, other};
use crate::shapes::{Analytics, plain};

pub(crate) static ENTRIES: &[Entry] = &[Entry {
    operation: "analytics_get",
    summary: "Get analytics",
    description: "Returns figures for each day of a span and for the whole span: conversations, \
                  response and resolution times, messages, ratings, CRM jobs, and each agent's \
                  work. Days are UTC. Each call counts everything again as it stands now: a \
                  conversation counts as escalated or answered on the day on which it began, \
                  however late that happens.\n\n\
                  CSV (`format=csv`, or `Accept: text/csv`) has a line per day, with the fields \
                  of the JSON as columns; with `of=agents` it has a line per agent. A value that \
                  was not counted is empty. A cell that a spreadsheet would run as a formula is \
                  prefixed with an apostrophe.",
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
