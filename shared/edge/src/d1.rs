use common::db::{Database, DbError, Pending, Rows, Statement, Value};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::D1Database;
use worker::worker_sys::types::{D1Database as Raw, D1PreparedStatement};

/// D1 as the [`Database`] of the domains.
///
/// Works on the platform's own objects: rows cross as arrays of values and need no serde, whose
/// JavaScript half alone would weigh more than this crate.
pub(crate) struct D1(Raw);

impl D1 {
    pub(crate) fn new(database: D1Database) -> Self {
        Self(JsValue::from(database).unchecked_into())
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, JsValue> {
        let params: Array = statement.params.iter().map(js_value).collect();
        self.0.prepare(statement.sql.text)?.bind(params)
    }

    async fn raw_rows(&self, statement: &Statement) -> Result<Rows, JsValue> {
        let rows = JsFuture::from(self.prepare(statement)?.raw()?).await?;
        Ok(rows
            .unchecked_into::<Array>()
            .iter()
            .map(|row| values(&row.unchecked_into()))
            .collect())
    }

    async fn raw_batch(&self, statements: &[Statement]) -> Result<Vec<Rows>, JsValue> {
        let prepared = statements
            .iter()
            .map(|s| self.prepare(s).map(JsValue::from));
        let prepared = prepared.collect::<Result<Array, _>>()?;
        let results = JsFuture::from(self.0.batch(prepared)?).await?;
        results
            .unchecked_into::<Array>()
            .iter()
            .map(|result| rows_of(&result))
            .collect()
    }
}

impl Database for D1 {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        Box::pin(async move {
            self.raw_rows(&statement)
                .await
                .map_err(|error| error_of(&error, statement.sql.name))
        })
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        Box::pin(async move {
            let first = statements
                .first()
                .map_or("", |statement| statement.sql.name);
            self.raw_batch(&statements)
                .await
                .map_err(|error| error_of(&error, first))
        })
    }
}

/// Whole numbers cross as doubles: D1 knows no other.
fn js_value(value: &Value) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "Value::Integer lies below 2^53")]
    match value {
        Value::Null => JsValue::NULL,
        Value::Integer(n) => JsValue::from_f64(*n as f64),
        Value::Real(n) => JsValue::from_f64(*n),
        Value::Text(text) => JsValue::from_str(text),
    }
}

fn values(row: &Array) -> Vec<Value> {
    let value = |value: JsValue| match value.as_string() {
        Some(text) => Value::Text(text),
        None => value.as_f64().map_or(Value::Null, Value::Real),
    };
    row.iter().map(value).collect()
}

/// The rows of one statement of a batch, which come as objects whose keys stand in the order of the
/// SELECT.
fn rows_of(result: &JsValue) -> Result<Rows, JsValue> {
    let rows: Array = Reflect::get(result, &"results".into())?.unchecked_into();
    Ok(rows
        .iter()
        .map(|row| values(&Object::values(&row.unchecked_into())))
        .collect())
}

fn error_of(error: &JsValue, statement: &str) -> DbError {
    let message = match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_default(),
    };
    DbError::from_message(&format!("{statement}: {message}"))
}
