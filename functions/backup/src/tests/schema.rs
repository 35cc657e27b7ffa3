//! The list of tables, held against the schema.

use common::db::Value;
use std::collections::BTreeSet;
use tables::{all_tables, tables};
use testkit::Sqlite;

/// Tables that a backup has not. A table that a migration adds is in a backup unless it stands here; whoever adds one
/// runs `UPDATE_TABLES=1 cargo test -p native backup`.
const LEFT_OUT: [(&str, &str); 15] = [
    (
        "api_totals",
        "counts of the deployment's calls, of no business",
    ),
    ("crm_budgets", "what was used of the current minute and day"),
    ("crm_cache", "a cache of what CRMs answered"),
    ("crm_streams", "leases of jobs; made again with the jobs"),
    (
        "customer_words",
        "what customers are searched by; made again with conversations",
    ),
    (
        "idempotency",
        "answers of the last day, for requests that are repeated at once",
    ),
    ("inbound_items", "empty but for the time of a transaction"),
    (
        "inbox_counts",
        "counts of conversations; made again with them",
    ),
    ("moves", "where this deployment's businesses are"),
    (
        "parked_deliveries",
        "what failed while this deployment's database was away",
    ),
    ("sessions", "people sign in again"),
    (
        "sign_in_links",
        "links to sign in live a quarter of an hour",
    ),
    (
        "sign_in_visits",
        "visits to a provider of sign-in last ten minutes",
    ),
    ("stale_writes", "empty but for the time of a transaction"),
    ("usage_counts", "counts of rows; made again with them"),
];

/// Those of them that stay where they are when a business is moved: all but the visits are no business's.
const STAY: [&str; 6] = [
    "api_totals",
    "inbound_items",
    "moves",
    "parked_deliveries",
    "sign_in_visits",
    "stale_writes",
];

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/tables/src/rows.rs"
);

fn text(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

/// The tables in the order in which migrations make them.
fn names(db: &Sqlite) -> Vec<String> {
    let all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    db.sql(all).iter().map(|row| text(&row[0])).collect()
}

/// A literal of SQL as JSON.
fn json(literal: &str) -> String {
    match literal
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        Some(text) => serde_json::to_string(text).unwrap(),
        None => literal.to_lowercase(),
    }
}

/// The line of a table: those of its key first, of which the first is the business.
fn line(db: &Sqlite, table: &str) -> String {
    let info =
        format!("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')");
    let columns = db.sql(&info);
    let place = |row: &[Value]| row[4].as_integer().unwrap();
    let mut key: Vec<_> = columns.iter().filter(|row| place(row) > 0).collect();
    key.sort_by_key(|row| place(row));
    let business = if table == "businesses" {
        "id"
    } else {
        "business_id"
    };
    assert_eq!(
        text(&key[0][0]),
        business,
        "the key of {table} must begin with the business"
    );
    let further = key.iter().skip(1).map(|row| match text(&row[1]).as_str() {
        "TEXT" => "\"\"",
        "INTEGER" => "-9007199254740991",
        other => panic!("{table} has a key of type {other}"),
    });
    let further: Vec<_> = further.collect();
    let rest = columns.iter().filter(|row| place(row) == 0);
    let written = key.iter().copied().chain(rest).map(|row| {
        let (name, required) = (text(&row[0]), row[2].as_integer() == Some(1));
        match (&row[3], required) {
            (Value::Text(default), _) => format!("{name}={}", json(default)),
            (_, true) => name,
            (_, false) => format!("{name}=null"),
        }
    });
    let written: Vec<_> = written.collect();
    assert!(
        written.iter().all(|column| !column.contains(' ')),
        "{table}: {written:?}"
    );
    assert!(written.len() <= 32, "D1 takes 32 arguments: {table}");
    let columns = written.join(" ");
    format!(
        "    (\"{table}\", r#\"{}\"#, r#\"{columns}\"#),\n",
        further.join(",")
    )
}

fn wanted() -> String {
    let db = Sqlite::new();
    let left_out = LEFT_OUT.map(|(table, _)| table);
    let tables = names(&db);
    for table in left_out {
        assert!(
            tables.iter().any(|name| name == table),
            "{table} is left out, and there is none"
        );
    }
    let kept = tables
        .iter()
        .filter(|name| !left_out.contains(&name.as_str()));
    let lines: String = kept.map(|name| line(&db, name)).collect();
    let along = left_out.iter().filter(|name| !STAY.contains(name));
    let along: String = along.map(|name| line(&db, name)).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/migrations");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let files = files.map(|name| name.to_string_lossy().into_owned());
    let last = files.filter(|name| name.ends_with(".sql")).max().unwrap();
    let schema: u32 = last[..4].parse().unwrap();
    let reasons = LEFT_OUT.map(|(table, reason)| format!("    (\"{table}\", \"{reason}\"),\n"));
    let reasons = reasons.concat();
    let there = std::fs::read_to_string(FILE).unwrap();
    let (before, _) = there
        .split_once("/// The number of the last migration.")
        .unwrap();
    format!(
        "{before}/// The number of the last migration.\npub const SCHEMA: u32 = {schema};\n\n\
         /// Every table of a backup.\n#[rustfmt::skip]\npub const TABLE_ROWS: &[TableRow] = &[\n{lines}];\n\n\
         /// Tables that a backup leaves out, and that go along where a business is moved to another database.\n\
         #[rustfmt::skip]\npub const ALONG_ROWS: &[TableRow] = &[\n{along}];\n\n\
         /// Every other table, and why a backup has none of it.\n#[rustfmt::skip]\n\
         pub const LEFT_OUT: &[(&str, &str)] = &[\n{reasons}];\n"
    )
}

#[test]
fn every_table_is_backed_up_or_left_out_for_a_reason() {
    let wanted = wanted();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(FILE, &wanted).unwrap();
    }
    assert!(
        std::fs::read_to_string(FILE).unwrap() == wanted,
        "a migration changed the schema: run UPDATE_TABLES=1 cargo test -p native backup, or give a reason to leave a \
         table out"
    );
}

#[test]
fn the_statements_of_every_table_keep_to_its_business_and_scan_nothing() {
    let of = |table: &'static tables::Table| {
        // What a business's row is written with is looked for in every table that refers to it, once.
        let write = (table.name != "businesses").then_some(&table.write);
        [&table.read, &table.check].into_iter().chain(write)
    };
    let moved = all_tables().iter();
    let moved = moved.flat_map(|moved| of(&moved.table).chain([&moved.compare]));
    let all: Vec<_> = tables().iter().flat_map(of).chain(moved).collect();
    assert!(all.len() > 250);
    testkit::check_statements(&[&all]);
}

#[test]
fn what_names_a_business_comes_first_and_what_triggers_read_before_what_they_are_on() {
    let names: Vec<_> = tables().iter().map(|table| table.name).collect();
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap();
    assert_eq!(place("businesses"), 0);
    assert!(place("customers") < place("conversations"));
    let sealed: BTreeSet<_> = secrets::SEALED_COLUMNS
        .iter()
        .map(|column| column.table)
        .collect();
    for table in sealed {
        assert!(names.contains(&table), "secrets of {table} would be lost");
    }
}
