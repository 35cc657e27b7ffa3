//! The Worker of `send-message`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("send-message");

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
