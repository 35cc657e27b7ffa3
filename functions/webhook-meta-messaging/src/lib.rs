//! The Worker of `webhook-meta-messaging`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.blobs();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    let name = "webhook-meta-messaging";
    edge::serve_calls(name, REACH, handler::take_in, request, env, ctx).await
}
