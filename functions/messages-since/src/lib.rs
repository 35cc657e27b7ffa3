//! The Worker of `messages-since`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
pub mod page;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "messages-since",
        Reach::NOTHING,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
