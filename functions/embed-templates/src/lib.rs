//! The Worker of `embed-templates`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.http().inbox().secrets();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("embed-templates", REACH, handler::handle, request, env, ctx).await
}
