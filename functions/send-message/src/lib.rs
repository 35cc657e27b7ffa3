//! The Worker of `send-message`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.blobs().inbox();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_and_calls(
        "send-message",
        REACH,
        handler::handle,
        handler::run,
        request,
        env,
        ctx,
    )
    .await
}
