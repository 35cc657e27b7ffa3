//! The Worker of `sso-token`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.secrets();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("sso-token", REACH, handler::handle, request, env, ctx).await
}
