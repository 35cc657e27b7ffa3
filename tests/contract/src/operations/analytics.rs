//! What a span of days came to, and what was called.

use crate::entry::{Entry, json, ok, other};
use crate::shapes::{Analytics, plain};
use dashboard_api_log::calls::ApiCallPage;
use dashboard_api_log::usage::Usage;

const ANALYTICS: Entry = Entry {
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
};

const CALLS: Entry = Entry {
    operation: "api_call_list",
    summary: "List API calls",
    description: "Lists calls by API keys and members in the last 30 days, newest first: who called what, \
                  when, the status, the time it took and the error. Bodies, queries and the ids within \
                  paths are not stored. A call appears a few seconds after its response.\n\n\
                  Each request looks through at most 10,000 calls, so with filters a page can be short, or \
                  empty, although `has_more` is true: go on with `next_cursor`. To follow the log, send the \
                  `tail` of each response as the `after` of the next request.\n\n\
                  The log is for people, not for billing: of a business, each isolate stores 120 calls a \
                  minute (180 with those that failed), and the database 10,000 a day (20,000). Further calls \
                  are only counted (`GET /api/dashboard/usage`). Calls of an isolate that dies before it \
                  writes them are lost.",
    sample_target: "?status=4xx&limit=1",
    request: None,
    answers: &[ok(
        "A page of calls.",
        &[json::<ApiCallPage>(
            "calls",
            "A call that was refused",
            include_str!("../examples/api_call_list.json"),
        )],
    )],
    errors: &[],
};

const USAGE: Entry = Entry {
    operation: "usage_get",
    summary: "Get API usage",
    description: "Returns how many calls there were in a span of days, by day, by key or member, and by \
                  operation, with how many were refused (4xx) or failed (5xx) and the mean time. Days are UTC \
                  and kept for 92 days. Filters combine.",
    sample_target: "?from=2026-11-19&to=2026-11-20",
    request: None,
    answers: &[ok(
        "The counts.",
        &[json::<Usage>(
            "usage",
            "One key on one day",
            include_str!("../examples/usage_get.json"),
        )],
    )],
    errors: &[],
};

pub(crate) static ENTRIES: &[Entry] = &[ANALYTICS, CALLS, USAGE];
