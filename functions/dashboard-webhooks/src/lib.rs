//! The Worker of `dashboard-webhooks`; its contract stands in `handler`.

pub mod delivery;
/// What it answers, step by step.
pub mod handler;
pub mod settings;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-webhooks",
        Reach::NOTHING.secrets(),
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
