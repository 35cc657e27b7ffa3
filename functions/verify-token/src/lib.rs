//! The Worker of `verify-token`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
pub mod sql;
mod trust;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    let reach = Reach::NOTHING;
    edge::serve_calls("verify-token", reach, handler::run, request, env, ctx).await
}
