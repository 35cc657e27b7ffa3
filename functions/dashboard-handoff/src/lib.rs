//! The Worker of `dashboard-handoff`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-handoff",
        Reach::NOTHING,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
