//! The Worker of `webhook-crm`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    let reach = Reach::NOTHING.secrets();
    edge::serve_public("webhook-crm", reach, handler::handle, request, env, ctx).await
}
