use common::db::{Database, DbError, Pending, Row, Rows, Statement, Value};
use js_sys::Array;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};
use worker::{D1Database, D1PreparedStatement};

/// D1 as the [`Database`] of the domains.
pub(crate) struct D1(D1Database);

impl D1 {
    pub(crate) fn new(database: D1Database) -> Self {
        Self(database)
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, DbError> {
        let params: Vec<JsValue> = statement.params.iter().map(js_value).collect();
        self.0.prepare(statement.sql.text).bind(&params).map_err(|e| error_of(&e, statement.sql.name))
    }
}

impl Database for D1 {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        Box::pin(async move {
            let rows = self.prepare(&statement)?.raw_js_value().await;
            let rows = rows.map_err(|e| error_of(&e, statement.sql.name))?;
            Ok(rows.into_iter().map(|row| row.unchecked_into::<Array>().iter().map(value).collect()).collect())
        })
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        Box::pin(async move {
            let prepared: Result<Vec<_>, _> = statements.iter().map(|s| self.prepare(s)).collect();
            let name = statements.first().map_or("", |statement| statement.sql.name);
            let results = self.0.batch(prepared?).await.map_err(|e| error_of(&e, name))?;
            let rows = |result: &worker::D1Result| {
                let rows = result.results::<OrderedRow>().map_err(|e| error_of(&e, name))?;
                Ok(rows.into_iter().map(|row| row.0).collect())
            };
            results.iter().map(rows).collect()
        })
    }
}

/// Whole numbers cross as doubles: D1's own integer type is 32 bits wide.
fn js_value(value: &Value) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "Value::Integer lies below 2^53")]
    match value {
        Value::Null => JsValue::NULL,
        Value::Integer(n) => JsValue::from_f64(*n as f64),
        Value::Real(n) => JsValue::from_f64(*n),
        Value::Text(text) => JsValue::from_str(text),
    }
}

fn value(value: JsValue) -> Value {
    if let Some(text) = value.as_string() {
        Value::Text(text)
    } else {
        value.as_f64().map_or(Value::Null, Value::Real)
    }
}

fn error_of(error: &worker::Error, statement: &str) -> DbError {
    let message = match error {
        worker::Error::D1(error) => String::from(AsRef::<js_sys::Error>::as_ref(error).message()),
        other => other.to_string(),
    };
    DbError::from_message(&format!("{statement}: {message}"))
}

/// A row of a batch, which comes as an object whose keys stand in the order of the SELECT.
struct OrderedRow(Row);

impl<'de> Deserialize<'de> for OrderedRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowVisitor;
        impl<'de> Visitor<'de> for RowVisitor {
            type Value = OrderedRow;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OrderedRow, A::Error> {
                let mut row = Vec::new();
                while let Some((_, Cell(cell))) = map.next_entry::<IgnoredAny, Cell>()? {
                    row.push(cell);
                }
                Ok(OrderedRow(row))
            }
        }
        deserializer.deserialize_any(RowVisitor)
    }
}

struct Cell(Value);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Any {
            Number(f64),
            Text(String),
            Null(()),
        }
        Ok(Self(match Any::deserialize(deserializer)? {
            Any::Number(n) => Value::Real(n),
            Any::Text(text) => Value::Text(text),
            Any::Null(()) => Value::Null,
        }))
    }
}
