//! What the `event` attribute makes of a function's entry line.

pub use worker::wasm_bindgen;
pub use worker::worker_sys::Context as RawContext;

use crate::{Response, Result, run, text};
use std::future::Future;
use wasm_bindgen::JsValue;

/// Runs the answering of a request, and gives the platform its answer or a promise of it.
pub fn answer(answering: impl Future<Output = Result<Response>> + 'static) -> JsValue {
    run::value_of(async move {
        let answered = answering.await.or_else(|error| {
            worker::console_error!("{}", error);
            text(500, "INTERNAL SERVER ERROR")
        });
        answered.map_or(JsValue::UNDEFINED, JsValue::from)
    })
}
