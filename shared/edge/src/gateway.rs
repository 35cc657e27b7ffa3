use crate::convert::{path_and_query, response_of};
use crate::cors::{is_preflight, preflight};
use crate::{
    Capabilities, Context, Env, Handler, Public, Request, Response, Result, entropy, serve_with,
};
use common::http::Error;
use common::http::ledger::{Found, find, is_embedded, service_binding};
use common::ids::RequestId;
use js_sys::{Promise, Reflect};
use serve::{LogLine, nothing_here, with_common_headers};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// A binding to another Worker.
    type Service;

    #[wasm_bindgen(structural, method, catch)]
    fn fetch(this: &Service, request: &Request) -> std::result::Result<Promise, JsValue>;
}

/// Serves the one public origin: answers preflights, hands each request to its function, and serves
/// the gateway's own routes itself.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve_gateway<H>(
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    console_error_panic_hook::set_once();
    let (method, url) = (request.method(), request.url());
    let (path, _) = path_and_query(&url);
    match find(&method, path) {
        Found::Route(route, _) if route.function == "gateway" => {
            const PORTS: Capabilities = Capabilities::of("gateway");
            serve_with::<Public, H>("gateway", PORTS, handler, request, url, env, ctx).await
        }
        Found::Route(route, _) => match forward(route.function, &request, &env).await {
            Ok(response) => Ok(response),
            Err(error) => refuse(&method, &error, !is_embedded(path)),
        },
        Found::WrongMethod(methods) if is_preflight(&method, path) => preflight(&methods),
        Found::WrongMethod(methods) => {
            let error = Error::method_not_allowed(methods);
            refuse(&method, &error, !is_embedded(path))
        }
        Found::Nothing => refuse(&method, &nothing_here(), true),
    }
}

/// Forwards the platform's request and response unchanged, without reading either. If a function broke,
/// the gateway answers with the error envelope; a panic ends the instance, and the next request gets a
/// new one.
async fn forward(
    function: &str,
    request: &Request,
    env: &Env,
) -> std::result::Result<Response, Error> {
    let service = Reflect::get(env, &service_binding(function).into()).unwrap_or_default();
    if !service.is_object() {
        return Err(Error::unavailable(format!("{function}: it is not bound")));
    }
    let broke = |error: JsValue| {
        let reason = crate::ports::text_of(&error);
        Error::internal(format!("{function} broke: {reason}"))
    };
    let answer = service.unchecked_into::<Service>().fetch(request);
    let answer = JsFuture::from(answer.map_err(broke)?).await;
    Ok(answer.map_err(broke)?.unchecked_into())
}

fn refuse(method: &str, error: &Error, is_shared: bool) -> Result<Response> {
    let request_id = RequestId::new(entropy);
    let mut log = LogLine::new("gateway", &request_id, method);
    log.failed(error);
    let response = with_common_headers(error.to_response(&request_id), &request_id, is_shared);
    log.answered(&response);
    worker::console_log!("{}", log.to_json());
    Ok(response_of(response)?)
}
