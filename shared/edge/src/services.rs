use crate::HEALTH_PATH;
use crate::ports::{Bindings, body_of, call, object, status_of, unavailable};
use common::http::ledger::{CALL_PATH, service_binding};
use common::ports::{Async, Called, ServiceResponse, Services};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

/// The header that says what a call's body is of.
pub(crate) const NOTE_HEADER: &str = "x-tieline-note";
/// Longest answer of a call, in bytes: a page of a database's rows (`knowledge::source::database`), with the row that
/// it ends in.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

impl Bindings {
    async fn ask(
        &self,
        function: &str,
        path: &str,
        init: JsValue,
    ) -> Result<ServiceResponse, JsValue> {
        let service = self.named(&service_binding(function))?;
        let url = format!("https://{function}{path}");
        let response = call(&service, "fetch", &[url.into(), init]).await?;
        let status = status_of(&response)?;
        let (body, _) = body_of(&response, MAX_ANSWER_BYTES).await?;
        Ok(ServiceResponse { status, body })
    }
}

impl Services for Bindings {
    fn is_up<'a>(&'a self, function: &'a str) -> Async<'a, bool> {
        Box::pin(async move {
            let answered = self.ask(function, HEALTH_PATH, JsValue::UNDEFINED).await;
            answered.is_ok_and(|answer| answer.is_done())
        })
    }

    fn call<'a>(&'a self, function: &'a str, note: &'a str, body: &'a [u8]) -> Called<'a> {
        Box::pin(async move {
            let response = async {
                let init = object(&[
                    ("method", "POST".into()),
                    ("headers", object(&[(NOTE_HEADER, note.into())])?),
                    ("body", Uint8Array::from(body).into()),
                ])?;
                self.ask(function, CALL_PATH, init).await
            };
            response.await.map_err(unavailable(function))
        })
    }
}
