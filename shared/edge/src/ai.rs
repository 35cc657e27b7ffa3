//! Models of the platform: the binding `AI`, which a deployment may have.

use crate::ports::{Bindings, text_of};
use crate::sockets::{Fault, begun, within};
use common::ports::{Ai, AiError, Async};
use js_sys::JSON;
use wasm_bindgen::JsValue;

const AI: &str = "AI";

impl Ai for Bindings {
    fn is_bound(&self) -> bool {
        self.named(AI).is_ok()
    }

    fn run<'a>(
        &'a self,
        model: &'a str,
        input: &'a str,
        timeout_ms: u32,
    ) -> Async<'a, Result<String, AiError>> {
        Box::pin(async move {
            let run = async {
                let arguments: [JsValue; 2] = [model.into(), JSON::parse(input)?];
                let promise = begun(&self.named(AI)?, "run", &arguments)?;
                let output = within(&promise, timeout_ms).await?;
                Ok(String::from(JSON::stringify(&output)?))
            };
            let run: Result<String, Fault> = run.await;
            run.map_err(|fault| match fault {
                Fault::Late => AiError::Late,
                Fault::Thrown(error) => AiError::Refused(text_of(&error)),
            })
        })
    }
}
