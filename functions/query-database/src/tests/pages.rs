//! Rows, page by page.

use super::{failed, read};
use serde_json::{Value, json};
use testkit::{Postgres, keyed};

fn customer(n: usize) -> Value {
    json!({ "id": n, "name": format!("Customer {n}") })
}

fn customers(count: usize) -> Postgres {
    Postgres::of(move |_, _| {
        Ok((1..=count)
            .map(|n| keyed(&n.to_string(), &customer(n)))
            .collect())
    })
}

#[test]
fn a_statement_runs_once_within_a_transaction_that_reads() {
    let server = customers(2);
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["rows"], json!([customer(1), customer(2)]));
    assert_eq!(
        (&answer["next"], &answer["too_long"]),
        (&Value::Null, &json!(0))
    );
    let begin = server.heard(b'Q');
    assert_eq!(begin.len(), 1);
    assert!(
        begin[0].starts_with("BEGIN TRANSACTION READ ONLY;"),
        "{begin:?}"
    );
    assert!(begin[0].contains("statement_timeout = 20000"));
    let sql = server.heard(b'P').pop().unwrap();
    assert!(sql.contains("(\nSELECT * FROM customers\n)"), "{sql}");
    assert!(
        sql.contains("ORDER BY tieline_row.\"id\" NULLS FIRST LIMIT 2001"),
        "{sql}"
    );
}

#[test]
fn a_page_has_2000_rows_and_the_next_begins_behind_the_key_of_its_last() {
    let server = customers(2_001);
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2_000);
    assert_eq!(answer["next"], json!({ "column": "id", "value": "2000" }));
    let server = customers(1);
    let after = json!({ "column": "na\"me", "value": "o'clock" });
    read(&server, &json!({ "after": after }));
    let sql = server.heard(b'P');
    assert_eq!(sql.len(), 1, "its columns are known");
    assert!(
        sql[0].contains(
            "WHERE tieline_row.\"na\"\"me\" > $1 ORDER BY tieline_row.\"na\"\"me\" LIMIT"
        ),
        "{sql:?}"
    );
    assert!(!sql[0].contains("o'clock"));
    assert!(server.heard(b'B')[0].contains("o'clock"));
}

#[test]
fn a_page_ends_behind_two_mib() {
    let long = "x".repeat(200 * 1024);
    let server = Postgres::of(move |_, _| {
        let row = |n: usize| keyed(&n.to_string(), &json!({ "id": n, "text": long }));
        Ok((1..=20).map(row).collect())
    });
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["rows"].as_array().unwrap().len(), 11);
    assert_eq!(answer["next"]["value"], "11");
}

#[test]
fn rows_that_are_too_long_are_left_out_by_the_database_and_counted() {
    let server = Postgres::of(|sql, _| {
        assert!(sql.contains("octet_length(tieline_json) <= 262144"));
        Ok(vec![
            keyed("1", &customer(1)),
            [Some("2".into()), None],
            keyed("3", &customer(3)),
        ])
    });
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["rows"], json!([customer(1), customer(3)]));
    assert_eq!(answer["too_long"], 1);
}

#[test]
fn the_column_that_is_set_names_a_row_or_else_a_well_known_one() {
    for (columns, key, found) in [
        (vec!["name", "ID"], None, Some("\"ID\"")),
        (vec!["uuid", "gid", "name"], None, Some("\"uuid\"")),
        (vec!["id", "email"], Some("email"), Some("\"email\"")),
        (vec!["id", "email"], Some("data.email"), Some("\"id\"")),
        (vec!["name", "email"], None, None),
        (vec![], None, None),
    ] {
        let server = Postgres {
            columns: columns.clone(),
            ..Postgres::default()
        };
        read(&server, &json!({ "key": key }));
        let sql = server.heard(b'P').pop().unwrap();
        let order = found.map(|name| format!("ORDER BY tieline_row.{name}"));
        match order {
            Some(order) => assert!(sql.contains(&order), "{columns:?} {sql}"),
            None => assert!(!sql.contains("ORDER BY"), "{columns:?} {sql}"),
        }
    }
}

#[test]
fn more_rows_than_a_page_need_a_key_unless_one_page_is_wanted() {
    let server = Postgres {
        columns: vec!["name"],
        ..customers(2_001)
    };
    assert_eq!(failed(&server).0, "needs_key");
    let (answer, _) = read(&server, &json!({ "is_only": true }));
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2_000);
    assert_eq!(answer["next"], Value::Null);
    let keyless = Postgres::of(|_, _| {
        let row = |n: usize| [None, Some(json!({ "id": null, "n": n }).to_string())];
        Ok((0..2_001).map(row).collect())
    });
    assert_eq!(failed(&keyless).0, "keys_missing");
}

#[test]
fn an_error_of_the_statement_has_the_databases_code_and_words() {
    let server =
        Postgres::of(|_, _| Err(("25006", "cannot execute DELETE in a read-only transaction")));
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["failed"]["code"], "25006");
    let said = answer["failed"]["said"].as_str().unwrap();
    assert!(said.starts_with("cannot execute DELETE"), "{said}");
    assert_eq!(server.heard(b'X').len(), 1);
}

#[test]
fn messages_may_come_in_any_pieces() {
    for piece in [1, 2, 7, 1000] {
        let server = Postgres {
            piece,
            ..customers(3)
        };
        let (answer, _) = read(&server, &json!({}));
        assert_eq!(answer["rows"].as_array().unwrap().len(), 3, "{piece}");
    }
}
