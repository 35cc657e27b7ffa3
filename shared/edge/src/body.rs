use common::http::{BodyStream, Chunk};
use js_sys::Uint8Array;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use worker::Request;
use worker::web_sys::ReadableStreamDefaultReader;

/// A request's body, taken piece by piece, so that no more is held than the cap.
pub(crate) struct Stream(Option<ReadableStreamDefaultReader>);

impl Stream {
    pub(crate) fn of(request: &Request) -> Self {
        let body = request.inner().body();
        Self(body.and_then(|body| body.get_reader().dyn_into().ok()))
    }
}

impl BodyStream for Stream {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(async {
            let reader = self.0.as_ref()?;
            let result = match JsFuture::from(reader.read()).await {
                Ok(result) => result,
                Err(error) => return Some(Err(format!("{error:?}"))),
            };
            let value = js_sys::Reflect::get(&result, &"value".into()).ok()?;
            Some(Ok(value.dyn_into::<Uint8Array>().ok()?.to_vec()))
        })
    }
}
