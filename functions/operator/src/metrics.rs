//! The deployment's figures in the text format of Prometheus (prometheus.md §1).

use crate::overview::{Overview, overview, side_by_side};
use crate::sql::{METRIC_ALERTS, METRIC_CALLS, METRIC_INTEGRATIONS};
use access::usage::MS_BOUNDS;
use common::Context;
use common::db::{Columns, Rows, next_rows};
use common::http::Result;
use common::http::ledger::ROUTES;
use common::time::SECOND;

/// The media type of the format, version 0.0.4.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Most operations, connections and alerts that are counted.
const MAX_COUNTED: i64 = 1_000;
/// One hour, in microseconds.
const HOUR: i64 = 3_600 * SECOND;

/// `GET /metrics` (platform token): no label is a text of anybody's, so that there are only as many series as operations,
/// queues and connectors.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn metrics(cx: &Context<'_>) -> Result<String> {
    let counted = || MAX_COUNTED.into();
    let hour = cx.now.micros().div_euclid(HOUR);
    let calls_of_all = vec![METRIC_CALLS.bind(vec![counted()])];
    let of_businesses = vec![
        METRIC_INTEGRATIONS.bind(vec![hour.into(), counted()]),
        METRIC_ALERTS.bind(vec![counted()]),
    ];
    let mut results = side_by_side(cx, [calls_of_all, of_businesses]).await?;
    let mut text = Exposition::default();
    calls(&mut text, &next_rows(&mut results)?)?;
    integrations(&mut text, &next_rows(&mut results)?)?;
    alerts(&mut text, &next_rows(&mut results)?)?;
    deployment(&mut text, &overview(cx).await?);
    Ok(text.0)
}

/// Metrics as text.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a metric. All of its samples follow.
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        for part in [
            "# HELP ",
            name,
            " ",
            help,
            "\n# TYPE ",
            name,
            " ",
            kind,
            "\n",
        ] {
            self.0.push_str(part);
        }
    }

    /// A sample; the values of labels are ours and need no escapes.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        self.0.push_str(name);
        for (n, (label, text)) in labels.iter().enumerate() {
            for part in [if n == 0 { "{" } else { "," }, label, "=\"", text, "\""] {
                self.0.push_str(part);
            }
        }
        for part in [if labels.is_empty() { " " } else { "} " }, value, "\n"] {
            self.0.push_str(part);
        }
    }

    fn count(&mut self, name: &str, labels: &[(&str, &str)], value: i64) {
        self.sample(name, labels, &value.to_string());
    }
}

/// Milliseconds as seconds, the base unit.
fn seconds(ms: i64) -> String {
    let rest = (1_000 + ms % 1_000).to_string();
    [&(ms / 1_000).to_string(), ".", &rest[1..]].concat()
}

/// What an operation was asked.
struct Calls {
    operation: &'static str,
    calls: i64,
    refused: i64,
    failed: i64,
    ms: i64,
    up_to: [i64; MS_BOUNDS.len()],
}

fn calls(text: &mut Exposition, rows: &Rows) -> Result<()> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = Columns::of(row);
        let name = columns.str("operation")?;
        // One of an earlier version has no row in the ledger.
        let Some(route) = ROUTES.iter().find(|route| route.operation == name) else {
            continue;
        };
        let mut one = Calls {
            operation: route.operation,
            calls: columns.integer("calls")?,
            refused: columns.integer("refused")?,
            failed: columns.integer("failed")?,
            ms: columns.integer("ms")?,
            up_to: [0; MS_BOUNDS.len()],
        };
        for count in &mut one.up_to {
            *count = columns.integer("up_to")?;
        }
        all.push(one);
    }
    let name = "tieline_api_requests_total";
    text.begin(
        name,
        "counter",
        "Requests by operation and result: refused is a status of 4xx, failed of 5xx.",
    );
    for one in &all {
        let done = one.calls - one.refused - one.failed;
        for (result, count) in [
            ("ok", done),
            ("refused", one.refused),
            ("failed", one.failed),
        ] {
            let labels = [("operation", one.operation), ("result", result)];
            text.count(name, &labels, count);
        }
    }
    let name = "tieline_api_request_duration_seconds";
    text.begin(name, "histogram", "How long requests took, by operation.");
    let bucket = [name, "_bucket"].concat();
    for one in &all {
        let mut below = 0;
        for (bound, count) in MS_BOUNDS.iter().zip(one.up_to) {
            below += count;
            let bound = seconds(*bound);
            let bound = bound.trim_end_matches('0').trim_end_matches('.');
            text.count(
                &bucket,
                &[("operation", one.operation), ("le", bound)],
                below,
            );
        }
        let operation = [("operation", one.operation)];
        text.count(&bucket, &[operation[0], ("le", "+Inf")], one.calls);
        text.sample(&[name, "_sum"].concat(), &operation, &seconds(one.ms));
        text.count(&[name, "_count"].concat(), &operation, one.calls);
    }
    Ok(())
}

/// What connections to a CRM came to.
struct Connections {
    connector: String,
    /// Active ones, those of them that are down, and of this hour and the one before requests, errors, jobs done and
    /// jobs failed.
    counts: [i64; 6],
}

fn integrations(text: &mut Exposition, rows: &Rows) -> Result<()> {
    let mut all: Vec<Connections> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = Columns::of(row);
        let connector = columns.text("connector")?;
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = columns.integer("count")?;
        }
        // Each of several databases has connections to it.
        match all.iter_mut().find(|one| one.connector == connector) {
            Some(one) => {
                for (sum, count) in one.counts.iter_mut().zip(counts) {
                    *sum += count;
                }
            }
            None => all.push(Connections { connector, counts }),
        }
    }
    let name = "tieline_integrations";
    text.begin(
        name,
        "gauge",
        "Active connections to a CRM by state; down is one whose CRM is left alone.",
    );
    for one in &all {
        let [active, down, ..] = one.counts;
        for (state, count) in [("up", active - down), ("down", down)] {
            let labels = [("connector", one.connector.as_str()), ("state", state)];
            text.count(name, &labels, count);
        }
    }
    for (name, help, results, first) in [
        (
            "tieline_integration_recent_requests",
            "Requests to a CRM of this hour and the one before.",
            ["ok", "error"],
            0,
        ),
        (
            "tieline_integration_recent_jobs",
            "Jobs for a CRM of this hour and the one before.",
            ["done", "failed"],
            2,
        ),
    ] {
        text.begin(name, "gauge", help);
        for one in &all {
            let [_, _, requests, errors, done, failed] = one.counts;
            let counts = if first == 0 {
                [requests - errors, errors]
            } else {
                [done, failed]
            };
            for (result, count) in results.into_iter().zip(counts) {
                let labels = [("connector", one.connector.as_str()), ("result", result)];
                text.count(name, &labels, count);
            }
        }
    }
    Ok(())
}

fn alerts(text: &mut Exposition, rows: &Rows) -> Result<()> {
    let name = "tieline_alerts_open";
    text.begin(name, "gauge", "Alerts that last, by severity.");
    let (mut critical, mut warning) = (0, 0);
    for row in rows {
        let mut columns = Columns::of(row);
        critical += columns.integer("critical")?;
        warning += columns.integer("warning")?;
    }
    text.count(name, &[("severity", "critical")], critical);
    text.count(name, &[("severity", "warning")], warning);
    Ok(())
}

fn deployment(text: &mut Exposition, overview: &Overview) {
    let name = "tieline_queue_waiting";
    text.begin(
        name,
        "gauge",
        "What is due and not yet done, by queue; up to 1,000 are counted.",
    );
    for queue in &overview.queues {
        text.count(name, &[("queue", queue.name)], queue.waiting);
    }
    let name = "tieline_queue_oldest_seconds";
    text.begin(
        name,
        "gauge",
        "For how long the oldest has been due, by queue; 0 where nothing waits.",
    );
    for queue in &overview.queues {
        text.count(
            name,
            &[("queue", queue.name)],
            queue.oldest_seconds.unwrap_or(0),
        );
    }
    let name = "tieline_parked_deliveries";
    text.begin(
        name,
        "gauge",
        "Deliveries of providers that were parked; up to 1,000 are counted.",
    );
    let parked = &overview.parked_deliveries;
    text.count(name, &[("state", "waiting")], parked.waiting);
    text.count(name, &[("state", "dead")], parked.dead);
    let databases = [
        ("main", &overview.databases.main),
        ("search", &overview.databases.search),
    ];
    for (name, help, is_max) in [
        (
            "tieline_database_size_bytes",
            "How large a database is.",
            false,
        ),
        (
            "tieline_database_max_bytes",
            "How large a database may become.",
            true,
        ),
    ] {
        text.begin(name, "gauge", help);
        for (database, size) in &databases {
            if let Some(size) = size {
                let bytes = if is_max { size.max_bytes } else { size.bytes };
                text.count(name, &[("database", database)], bytes);
            }
        }
    }
}
