use crate::convert::{path_and_query, response_of};
use crate::platform::Parts;
use crate::services::NOTE_HEADER;
use crate::{
    Capabilities, Context, Env, Handler, Request, Response, Result, now, run, serve,
    serve_background,
};
use common::http::ledger::CALL_PATH;
use js_sys::Uint8Array;
use serve::{CallOutcome, called};
use wasm_bindgen_futures::JsFuture;

/// What the answer to a call is to the platform.
const CONTENT_TYPE: &str = "application/octet-stream";

/// What does what another function asks for: the note and the body of its call.
pub trait CallHandler:
    AsyncFn(&common::Context<'_>, &str, &[u8]) -> common::http::Result<String>
{
}

impl<H> CallHandler for H where
    H: AsyncFn(&common::Context<'_>, &str, &[u8]) -> common::http::Result<String>
{
}

/// Answers for a function that other functions call and no request from outside reaches.
///
/// # Errors
/// None in practice. The type is the platform's.
pub async fn serve_calls<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: CallHandler,
{
    console_error_panic_hook::set_once();
    if request.method() != "POST" {
        return serve_background(function, &request);
    }
    answer_call(function, capabilities, handler, request, env, ctx).await
}

/// As [`serve`], for a function that other functions call, too. Calls come at [`CALL_PATH`], to which
/// the gateway hands nothing on; a request, whatever its headers say, comes at the path of its route.
///
/// # Errors
/// None in practice. The type is the platform's.
pub async fn serve_and_calls<H, C>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    call_handler: C,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
    C: CallHandler,
{
    console_error_panic_hook::set_once();
    if request.method() == "POST" && path_and_query(&request.url()).0 == CALL_PATH {
        return answer_call(function, capabilities, call_handler, request, env, ctx).await;
    }
    serve(function, capabilities, handler, request, env, ctx).await
}

async fn answer_call<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: CallHandler,
{
    let started = now();
    let parts = Parts::of(env);
    let variable = |name: &str| parts.bindings.variable(name);
    let platform = parts.platform(started, capabilities, &variable);
    let note = request.headers().get(NOTE_HEADER)?.unwrap_or_default();
    let body = JsFuture::from(request.array_buffer()?).await?;
    let body = Uint8Array::new(&body).to_vec();
    let CallOutcome {
        answered,
        afterwards,
        mut log,
    } = called(function, &platform, &note, &body, handler).await;
    run::wait_until(&ctx, async move {
        parts.after(afterwards).await;
        log.took((now().micros() - started.micros()) / 1000);
        worker::console_log!("{}", log.to_json());
    });
    let content = common::http::Response::content(answered.status, CONTENT_TYPE, answered.body);
    Ok(response_of(content)?)
}
