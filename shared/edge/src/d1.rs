use common::db::{Database, DbError, Pending, Rows, Statement, Value};
use common::sorted::Sorted;
use js_sys::{Array, JsString, Object, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

#[wasm_bindgen]
extern "C" {
    /// The platform's binding of a database. worker's takes the text of a statement from Rust each time.
    type Binding;
    /// A statement of it.
    type Prepared;

    #[wasm_bindgen(structural, method, catch)]
    fn prepare(this: &Binding, text: &JsString) -> Result<Prepared, JsValue>;
    #[wasm_bindgen(structural, method, catch)]
    fn batch(this: &Binding, statements: Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(structural, method, catch, variadic)]
    fn bind(this: &Prepared, values: &[JsValue]) -> Result<Prepared, JsValue>;
    #[wasm_bindgen(structural, method, catch)]
    fn raw(this: &Prepared) -> Result<Promise, JsValue>;

    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(structural, method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Uint8Array;
}

/// From how many characters on a text is encoded by the platform: wasm-bindgen copies character by character in JavaScript,
/// until one is not ASCII.
const LONG_CHARS: u32 = 256;

thread_local! {
    /// The texts of statements that this isolate used, by where they lie: kilobytes that need not
    /// cross again.
    static TEXTS: RefCell<Sorted<*const u8, JsString>> = RefCell::default();
    static ENCODER: TextEncoder = TextEncoder::new();
}

/// D1 as the [`Database`] of the domains.
///
/// Works on the platform's own objects: rows cross as arrays of values and need no serde, whose
/// JavaScript half alone would weigh more than this crate.
pub(crate) struct D1 {
    binding: Binding,
    /// What the last batch gave last: it tells the size, which hardly anybody asks for.
    last: RefCell<JsValue>,
}

impl D1 {
    pub(crate) fn of(env: &Env, binding: &str) -> Self {
        // What lacks the binding says so at its first statement.
        let binding = Reflect::get(env, &binding.into());
        Self {
            binding: binding.unwrap_or_default().unchecked_into(),
            last: RefCell::default(),
        }
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, JsValue> {
        let text = text_of(statement.sql.text);
        let params: Vec<JsValue> = statement.params.iter().map(js_value).collect();
        self.binding.prepare(&text)?.bind(&params)
    }

    async fn raw_rows(&self, statement: &Statement) -> Result<Rows, JsValue> {
        let rows = JsFuture::from(self.prepare(statement)?.raw()?).await?;
        Ok(rows
            .unchecked_into::<Array>()
            .iter()
            .map(|row| values(&row.unchecked_into()))
            .collect())
    }

    /// Runs statements as one transaction.
    pub(crate) async fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let first = statements
            .first()
            .map_or("", |statement| statement.sql.name);
        self.raw_batch(statements)
            .await
            .map_err(|error| error_of(&error, first))
    }

    async fn raw_batch(&self, statements: &[Statement]) -> Result<Vec<Rows>, JsValue> {
        let prepared = statements
            .iter()
            .map(|s| self.prepare(s).map(JsValue::from));
        let prepared = prepared.collect::<Result<Array, _>>()?;
        let results = JsFuture::from(self.binding.batch(prepared)?).await?;
        let results: Array = results.unchecked_into();
        self.last.replace(results.at(-1));
        results.iter().map(|result| rows_of(&result)).collect()
    }
}

fn text_of(text: &'static str) -> JsString {
    TEXTS.with_borrow_mut(|texts| {
        let place = text.as_ptr();
        if let Some(known) = texts.get(&place) {
            return known.clone();
        }
        let text = JsString::from(text);
        texts.insert(place, text.clone());
        text
    })
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
        Box::pin(async move { self.run(&statements).await })
    }

    fn added(&self) -> usize {
        0
    }

    fn size(&self) -> Option<i64> {
        let meta = Reflect::get(&self.last.borrow(), &"meta".into()).ok()?;
        let size = Reflect::get(&meta, &"size_after".into()).ok()?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "D1 holds less than 2^53 bytes"
        )]
        Some(size as i64)
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
    let value = |value: JsValue| match value.dyn_into::<JsString>() {
        Ok(text) => Value::Text(string_of(&text)),
        Err(value) => value.as_f64().map_or(Value::Null, Value::Real),
    };
    row.iter().map(value).collect()
}

fn string_of(text: &JsString) -> String {
    if text.length() < LONG_CHARS {
        return String::from(text);
    }
    let bytes = ENCODER.with(|encoder| encoder.encode(text)).to_vec();
    // What the platform encodes is UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
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
