//! The server's own figures: integrations against their targets, and queues.

use serde_json::Value;

use super::{cell, text};
use crate::text::{clean, table};

const HEADINGS: [&str; 8] = [
    "INTEGRATION",
    "SPAN",
    "UPTIME",
    "P95",
    "ERRORS",
    "SYNC",
    "WAIT",
    "MISSED",
];

/// Tables of what `GET status` answered; none where the server has none.
pub(crate) fn tables(status: &Value) -> Vec<String> {
    let mut tables = Vec::new();
    let mut rows = vec![HEADINGS.map(str::to_owned).to_vec()];
    for one in list(status, "integrations") {
        let name = cell(one, "connector");
        rows.extend(
            list(one, "figures")
                .iter()
                .map(|figures| row(&name, figures)),
        );
    }
    let api = list(status, "api");
    rows.extend(api.iter().map(|figures| row("(the API)", figures)));
    if rows.len() > 1 {
        tables.push(table(&rows));
    }
    let mut rows = vec![["QUEUE", "OLDEST", "STATUS"].map(str::to_owned).to_vec()];
    for queue in list(status, "queues") {
        let oldest = unit(queue, "oldest_seconds", " s");
        rows.push(vec![cell(queue, "name"), oldest, cell(queue, "status")]);
    }
    if rows.len() > 1 {
        tables.push(table(&rows));
    }
    tables
}

/// What the server says needs attention, of what `told` does not name already.
pub(crate) fn attention(status: &Value, told: &[String]) -> Vec<String> {
    let of_its_own = |item: &&Value| {
        matches!(
            text(item, "subject"),
            Some("alert" | "integration" | "queue")
        )
    };
    let items = list(status, "attention").iter().filter(of_its_own);
    let sentence = |item: &Value| {
        let summary = clean(text(item, "summary").unwrap_or_default(), 300);
        [&cell(item, "name"), ": ", &summary].concat()
    };
    let is_new = |item: &&Value| {
        let start = [&cell(item, "name"), " is "].concat();
        !told.iter().any(|sentence| sentence.starts_with(&start))
    };
    items.filter(is_new).map(sentence).collect()
}

fn row(name: &str, figures: &Value) -> Vec<String> {
    let missed = list(figures, "missed").iter().filter_map(Value::as_str);
    let missed: Vec<_> = missed.map(|one| clean(one, 20)).collect();
    vec![
        name.to_owned(),
        cell(figures, "span"),
        unit(figures, "uptime_percent", " %"),
        unit(figures, "p95_ms", " ms"),
        unit(figures, "error_percent", " %"),
        unit(figures, "sync_success_percent", " %"),
        unit(figures, "queue_seconds", " s"),
        missed.join(", "),
    ]
}

fn unit(of: &Value, name: &str, unit: &str) -> String {
    match of.get(name).filter(|value| value.is_number()) {
        Some(value) => [&value.to_string(), unit].concat(),
        None => "-".to_owned(),
    }
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    let list = of.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}
