//! The list of sealed columns, held against the schema.

use secrets::SEALED_COLUMNS;
use std::collections::BTreeSet;
use testkit::Sqlite;

/// Columns with such a name hold a secret, or look as if they did.
const TELLING: [&str; 6] = [
    "secret",
    "credential",
    "sealed",
    "password",
    "token",
    "private",
];

/// Those that hold none.
const NO_SECRETS: &[(&str, &str)] = &[
    ("api_keys.secret_hash", "a digest"),
    ("sessions.secret_hash", "a digest"),
    ("sign_in_links.secret_hash", "a digest"),
    ("channels.app_secret_id", "a keyed digest"),
    ("channels.second_secret_id", "a keyed digest"),
    ("channels.token_check_at", "a time"),
    ("channels.token_ends_at", "a time"),
    ("channels.verify_token_id", "a keyed digest"),
    ("crm_budgets.tokens", "a count"),
    ("webhook_endpoints.old_secret_until", "a time"),
];

fn columns_of_the_schema() -> BTreeSet<String> {
    let rows = Sqlite::new().sql(
        "SELECT t.name || '.' || c.name FROM pragma_table_list t, pragma_table_info(t.name) c
         WHERE t.schema = 'main' AND t.type = 'table'",
    );
    let names = rows.into_iter().flatten();
    names
        .map(|name| name.as_text().unwrap().to_owned())
        .collect()
}

fn listed() -> BTreeSet<String> {
    let columns = SEALED_COLUMNS.iter();
    columns
        .map(|of| format!("{}.{}", of.table, of.column))
        .collect()
}

#[test]
fn every_column_that_holds_a_secret_is_sealed_anew_by_a_rotation() {
    let schema = columns_of_the_schema();
    let may_hold_one = |name: &&String| {
        let column = name.split('.').nth(1).unwrap();
        TELLING.iter().any(|word| column.contains(word))
    };
    let telling: BTreeSet<_> = schema.iter().filter(may_hold_one).cloned().collect();
    let known = NO_SECRETS.iter().map(|(name, _)| (*name).to_owned());
    let known: BTreeSet<_> = known.chain(listed()).collect();
    assert_eq!(
        telling, known,
        "a sealed column is listed in shared/secrets/src/column.rs, any other one here"
    );
    for column in SEALED_COLUMNS {
        for part in ["business_id", column.id, column.column] {
            let name = format!("{}.{part}", column.table);
            assert!(schema.contains(&name), "{name}");
        }
    }
}

#[test]
fn a_column_that_the_schema_calls_sealed_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/migrations");
    let mut table = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.split(' ').next().unwrap().to_owned();
            }
            let words = line.split_once(" -- ");
            if let Some((column, comment)) = words
                && comment.contains("sealed")
                && !line.starts_with("--")
            {
                let name = column.trim().split(' ').next().unwrap();
                let name = format!("{table}.{name}");
                assert!(listed().contains(&name), "{name}: {comment}");
            }
        }
    }
}
