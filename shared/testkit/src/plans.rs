use crate::Sqlite;
use common::db::{Binding, Sql, Value};
use std::collections::HashSet;

/// Tables of which a business has few rows: settings, and what a transaction holds for itself.
const SMALL: [&str; 29] = [
    "alert_destinations",
    "alert_settings",
    "api_keys",
    "channels",
    "data_keys",
    "embedders",
    "embeddings",
    "handoff_settings",
    "inbound_items",
    "inbox_counts",
    "indexed_links",
    "integrations",
    "knowledge_links",
    "members",
    "moves",
    "reply_settings",
    "retention_settings",
    "segments",
    "sessions",
    "sign_in_domains",
    "sign_in_links",
    "sign_in_providers",
    "sign_in_visits",
    "spaces",
    "sso_agents",
    "sso_keys",
    "sso_revocations",
    "vector_removals",
    "webhook_endpoints",
];
/// May go through a business: whoever is erased is erased once.
const RARE: [&str; 1] = ["IDENTITY_ERASE"];

/// Checks every statement: it can be prepared; it binds its business and reaches every table by it;
/// it scans no table, nor all that a business has of one; it names the columns that it reads, each
/// differently.
///
/// # Panics
/// With every fault found.
pub fn check_statements(lists: &[&[&Sql]]) {
    let database = Sqlite::of_everything();
    let tables = names(&database.sql("SELECT name FROM sqlite_schema WHERE type = 'table'"));
    let faults: Vec<String> = lists
        .iter()
        .flat_map(|list| list.iter())
        .flat_map(|sql| faults_of(&database, sql, &tables))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn names(rows: &[Vec<Value>]) -> HashSet<String> {
    rows.iter()
        .filter_map(|row| row.first()?.as_text().map(str::to_owned))
        .collect()
}

/// Whether a step finds rows by their business alone. `max` of the next column reads one row.
fn walks_a_business(sql: &Sql, step: &str, words: &[&str]) -> bool {
    let Some(rest) = step.strip_prefix("SEARCH ") else {
        return false;
    };
    let name = rest.split(' ').next().unwrap_or_default();
    let is_small = words
        .windows(2)
        .any(|pair| SMALL.contains(&pair[0]) && pair[1] == name);
    let text = words.join(" ");
    let is_last =
        text.contains("max(") && text.contains(&format!("FROM {name} WHERE business_id = +?1)"));
    rest.contains("(business_id=?)")
        && !SMALL.contains(&name)
        && !is_small
        && !is_last
        && !RARE.contains(&sql.name)
}

/// Whether a table of FTS5 is asked again for each row of another, which is not found by what FTS5 gives.
fn asks_words_of_each_row(steps: &[String]) -> bool {
    let mut found_by = "";
    for pair in steps.windows(2) {
        if pair[0].starts_with("SEARCH ") {
            found_by = &pair[0];
        }
        let is_asked = pair[1].starts_with("SCAN chunk_words VIRTUAL TABLE");
        if pair[0].starts_with("CORRELATED ") && is_asked && !found_by.ends_with("(rowid=?)") {
            return true;
        }
    }
    false
}

fn faults_of(database: &Sqlite, sql: &Sql, tables: &HashSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{}: {what}", sql.name));
    if sql.text.to_ascii_uppercase().contains("SELECT *") {
        fault("says SELECT *".into());
    }
    // The rows of a batch are objects in D1: of two columns of one name, one would be lost.
    let columns = database.columns(sql.text);
    if columns.iter().collect::<HashSet<_>>().len() < columns.len() {
        fault(format!("gives two columns of one name: {columns:?}"));
    }
    if database.is_compiled_anew(sql.text) {
        fault("is compiled at each call".into());
    }
    let bound = sql.binding == Binding::Business;
    if bound && !sql.text.contains("?1") {
        fault("does not bind its business as ?1".into());
    }
    let steps = database.plan(sql.text);
    // What the statement makes for itself may be scanned, under its name or its alias.
    let words: Vec<&str> = sql.text.split_whitespace().collect();
    let mut made: HashSet<&str> = steps
        .iter()
        .filter_map(|step| {
            step.strip_prefix("MATERIALIZE ")
                .or(step.strip_prefix("CO-ROUTINE "))
        })
        .collect();
    made.extend(
        words
            .windows(2)
            .filter(|pair| made.contains(pair[0]))
            .map(|pair| pair[1])
            .collect::<Vec<_>>(),
    );
    for step in &steps {
        if let Some(rest) = step.strip_prefix("SCAN ") {
            let name = rest.split(' ').next().unwrap_or_default();
            let own = made.contains(name)
                || rest.contains("VIRTUAL TABLE")
                || rest.starts_with("CONSTANT");
            if !own && !name.starts_with('(') {
                fault(format!("scans: {step}"));
            }
        }
        let of_a_table = step.starts_with("SEARCH ") && !step.contains("VIRTUAL TABLE");
        // An id is unique everywhere; the business is then compared in the one row found.
        let by_business = step.contains("business_id=?")
            || step.ends_with("(id=?)")
            || step.ends_with("(rowid=?)");
        if bound && of_a_table && !by_business && !step.contains("AUTOMATIC") {
            fault(format!("reaches a table past its business: {step}"));
        }
        if walks_a_business(sql, step, &words) {
            fault(format!("goes through all of a business: {step}"));
        }
        if step.contains("AUTOMATIC") {
            fault(format!("makes an index of its own for want of one: {step}"));
        }
    }
    if asks_words_of_each_row(&steps) {
        fault(format!("asks FTS5 anew for each row: {steps:?}"));
    }
    if steps.is_empty()
        && tables
            .iter()
            .any(|table| sql.text.contains(&format!("FROM {table}")))
    {
        fault("reads a table without a plan".into());
    }
    faults
}
