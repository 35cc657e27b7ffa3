//! What other functions get.

use super::{ADDRESS, answered};
use common::ports::ServiceResponse;
use knowledge::source::database::READER;
use query_database::handler::run;
use serde_json::{Value, json};
use testkit::{Postgres, Stack, keyed};

fn refused(body: &str) -> (u16, String) {
    let stack = Stack::new();
    let server = Postgres::default();
    server.at(&stack, ADDRESS);
    server.at(&stack, "127.0.0.1:5432");
    let ServiceResponse { status, body } =
        stack.answer_call(READER, "read_rows", body.as_bytes(), run);
    assert!(server.heard.borrow().is_empty(), "nobody is asked");
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn a_call_is_answered_with_rows_as_version_1_has_it() {
    let golden = include_str!("../../../../tests/native/src/calls/read_rows.v1.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    let stack = Stack::new();
    let rows = golden["answer"]["rows"].as_array().unwrap().clone();
    let server = Postgres::of(move |_, _| {
        let mut rows: Vec<_> = rows.iter().map(|row| keyed("42", row)).collect();
        rows.push([Some("43".into()), None]);
        rows.resize(2_001, [Some("2000".into()), None]);
        Ok(rows)
    });
    server.at(&stack, ADDRESS);
    let answer = answered(&stack, &golden["call"]);
    assert_eq!(answer, golden["answer"]);
}

#[test]
fn a_call_of_another_version_or_shape_is_refused() {
    for body in [
        r#"{"version":2,"url":"postgres://a@db.example.com/b","statement":"SELECT 1"}"#,
        r#"{"url":"postgres://a@db.example.com/b","statement":"SELECT 1"}"#,
        r#"{"version":1,"statement":"SELECT 1"}"#,
        "",
    ] {
        assert_eq!(refused(body), (400, "malformed_json".into()), "{body}");
    }
}

#[test]
fn a_database_that_is_not_public_and_a_statement_that_writes_are_refused_unasked() {
    for (url, statement) in [
        ("postgres://reader@127.0.0.1/crm", "SELECT 1"),
        ("postgres://reader@10.0.0.1/crm", "SELECT 1"),
        ("postgres://reader:pw@db.example.com/crm", "SELECT 1"),
        (
            "postgres://reader@db.example.com/crm",
            "DELETE FROM customers",
        ),
        (
            "postgres://reader@db.example.com/crm",
            "COMMIT; DELETE FROM customers",
        ),
    ] {
        let call = json!({ "version": 1, "url": url, "statement": statement });
        let (status, _) = refused(&call.to_string());
        assert_eq!(status, 422, "{url} {statement}");
    }
}
