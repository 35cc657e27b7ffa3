use crate::ports::{Bindings, call, status_of, unavailable};
use common::http::Error;
use common::ports::{Assets, Async};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

/// The binding of the function's files.
const ASSETS: &str = "ASSETS";

impl Bindings {
    async fn file(&self, name: &str) -> Result<Vec<u8>, JsValue> {
        // The host says nothing; the path is that below `assets/`.
        let url = format!("https://assets/{name}");
        let response = call(&self.named(ASSETS)?, "fetch", &[url.into()]).await?;
        if status_of(&response)? != 200 {
            return Err(JsValue::from_str("it was not deployed along"));
        }
        let bytes = call(&response, "arrayBuffer", &[]).await?;
        Ok(Uint8Array::new(&bytes).to_vec())
    }
}

impl Assets for Bindings {
    fn read<'a>(&'a self, name: &'a str) -> Async<'a, Result<Vec<u8>, Error>> {
        Box::pin(async move { self.file(name).await.map_err(unavailable(name)) })
    }
}
