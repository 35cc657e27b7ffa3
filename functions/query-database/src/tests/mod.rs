mod call;
mod hostile;
mod login;
mod pages;
mod scram;

use knowledge::source::database::READER;
use query_database::handler::run;
use serde_json::{Value, json};
use testkit::{DATABASE_PASSWORD, Postgres, Stack};

/// Where the databases of these tests are.
const URL: &str = "postgres://reader@db.example.com/crm?sslmode=require";
const ADDRESS: &str = "db.example.com:5432";

/// What comes of a call with these fields beside the usual ones, of a database at the usual place.
fn answered(stack: &Stack, more: &Value) -> Value {
    let mut call = json!({ "version": 1, "url": URL, "password": DATABASE_PASSWORD,
        "statement": "SELECT * FROM customers" });
    for (name, value) in more.as_object().unwrap() {
        call[name] = value.clone();
    }
    let before = stack.db.calls();
    let answered = stack.answer_call(READER, "read_rows", call.to_string().as_bytes(), run);
    assert_eq!(stack.db.calls(), before);
    let said = String::from_utf8(answered.body).unwrap();
    assert_eq!(answered.status, 200, "{said}");
    assert!(!said.contains(DATABASE_PASSWORD), "{said}");
    serde_json::from_str(&said).unwrap()
}

/// What a database gives, and how many seconds that took.
fn read(server: &Postgres, more: &Value) -> (Value, i64) {
    let stack = Stack::new();
    server.at(&stack, ADDRESS);
    let before = stack.now().micros();
    let answer = answered(&stack, more);
    (answer, (stack.now().micros() - before) / 1_000_000)
}

/// Why a database gives nothing.
fn failed(server: &Postgres) -> (String, i64) {
    let (answer, seconds) = read(server, &json!({}));
    let reason = answer["failed"]["reason"].as_str();
    (reason.unwrap_or("it did not fail").to_owned(), seconds)
}
