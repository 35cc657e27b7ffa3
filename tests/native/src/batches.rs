//! That a batch of the test kit gives its rows as D1 does.

use common::db::Binding::Everywhere;
use common::db::{Database, Sql, Value};
use testkit::{Sqlite, run};

/// Two columns of one name, which no listed statement may have.
static TWICE: Sql = Sql {
    name: "TWICE",
    text: "SELECT 1 AS id, 'a' AS status, 'b' AS status",
    binding: Everywhere("it reads no table"),
};

#[test]
fn of_two_columns_of_one_name_a_batch_loses_one_as_in_d1() {
    let database = Sqlite::new();
    let batch = run(database.batch(vec![TWICE.bind(Vec::new())])).unwrap();
    assert_eq!(batch, [[[Value::Integer(1), "b".into()]]]);
    let rows = run(database.rows(TWICE.bind(Vec::new()))).unwrap();
    assert_eq!(rows, [[Value::Integer(1), "a".into(), "b".into()]]);
}
