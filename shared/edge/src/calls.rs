use crate::platform::Parts;
use crate::services::NOTE_HEADER;
use crate::{
    Context, Env, Handler, Reach, Request, Response, Result, now, serve, serve_background,
};
use common::http::ledger::CALL_PATH;
use serve::{CallOutcome, called};

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
    reach: Reach,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: CallHandler,
{
    console_error_panic_hook::set_once();
    if request.inner().method() != "POST" {
        return serve_background(function, &request);
    }
    answer_call(function, reach, handler, request, env, ctx).await
}

/// As [`serve`], for a function that other functions call, too. Calls come at [`CALL_PATH`], to which
/// the gateway hands nothing on; a request, whatever its headers say, comes at the path of its route.
///
/// # Errors
/// None in practice. The type is the platform's.
pub async fn serve_and_calls<H, C>(
    function: &'static str,
    reach: Reach,
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
    if request.inner().method() == "POST" && request.path() == CALL_PATH {
        return answer_call(function, reach, call_handler, request, env, ctx).await;
    }
    serve(function, reach, handler, request, env, ctx).await
}

async fn answer_call<H>(
    function: &'static str,
    reach: Reach,
    handler: H,
    mut request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: CallHandler,
{
    let started = now();
    let parts = Parts::of(env)?;
    let variable = |name: &str| parts.bindings.variable(name);
    let platform = parts.platform(started, reach, &variable);
    let note = request.headers().get(NOTE_HEADER)?.unwrap_or_default();
    let body = request.bytes().await?;
    let CallOutcome {
        answered,
        wakes,
        mut log,
    } = called(function, &platform, &note, &body, handler).await;
    ctx.wait_until(async move {
        parts.bindings.wake(&wakes).await;
        log.took((now().micros() - started.micros()) / 1000);
        worker::console_log!("{}", log.to_json());
    });
    Ok(Response::from_bytes(answered.body)?.with_status(answered.status))
}
