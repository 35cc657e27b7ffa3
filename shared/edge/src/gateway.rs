use crate::convert::{path_and_query, response_of};
use crate::cors::{is_preflight, preflight};
use crate::ports::Bindings;
use crate::{
    Capabilities, Context, Env, Handler, Request, Response, Result, WithKeys, entropy, now,
    serve_with,
};
use common::http::Error;
use common::http::ledger::{Found, ROUTES, find, is_shared_in, service_binding};
use common::ids::RequestId;
use js_sys::{Promise, Reflect};
use serve::gate::{ADDRESS_HEADER, Entry, Gate, Visit, admit, answered};
use serve::{LogLine, nothing_here, with_common_headers};
use std::cell::RefCell;
use std::rc::Rc;
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

thread_local! {
    static GATE: Rc<RefCell<Gate>> = Rc::default();
}

/// Serves the one public origin: limits by address whom nobody is known to answer for, answers
/// preflights, hands each request to its function, and serves the gateway's own routes itself.
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
    let found = find(&method, path);
    if let Found::WrongMethod(methods) = &found
        && is_preflight(ROUTES, &method, path)
    {
        return preflight(methods);
    }
    let gate = GATE.with(Rc::clone);
    let entry = match enter(&gate, &found, &request, &env).await {
        Ok(entry) => entry,
        Err(error) => return refuse(&method, path, &error),
    };
    match found {
        Found::Route(route, _) if route.function == "gateway" => {
            const PORTS: Capabilities = Capabilities::of("gateway", ROUTES);
            serve_with::<WithKeys, H>("gateway", PORTS, handler, request, url, env, ctx).await
        }
        Found::Route(route, _) => match forward(route.function, &request, &env).await {
            Ok(response) => {
                let limiter = Bindings(env.clone());
                answered(&gate, &limiter, entry, response.status(), now()).await;
                Ok(response)
            }
            Err(error) => refuse(&method, path, &error),
        },
        Found::WrongMethod(methods) => refuse(&method, path, &Error::method_not_allowed(methods)),
        Found::Nothing => refuse(&method, path, &nothing_here()),
    }
}

/// Counts a request by its address, unless its caller is known.
async fn enter(
    gate: &RefCell<Gate>,
    found: &Found<'_>,
    request: &Request,
    env: &Env,
) -> std::result::Result<Entry, Error> {
    let headers = request.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    let visit = gate.borrow().visit(found, &header, now());
    let address = match visit {
        Visit::Known(_) => None,
        Visit::Unknown(_) => header(ADDRESS_HEADER),
    };
    let limiter = Bindings(env.clone());
    admit(gate, &limiter, visit, address.as_deref(), now()).await
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

fn refuse(method: &str, path: &str, error: &Error) -> Result<Response> {
    let request_id = RequestId::new(entropy);
    let mut log = LogLine::new("gateway", &request_id, method);
    log.failed(error);
    let is_shared = is_shared_in(ROUTES, path);
    let response = with_common_headers(error.to_response(&request_id), &request_id, is_shared);
    log.answered(&response);
    worker::console_log!("{}", log.to_json());
    Ok(response_of(response)?)
}
