//! The Worker of the one public origin; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod health;

use edge::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_gateway(handler::handle, request, env, ctx).await
}
