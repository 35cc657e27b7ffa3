//! The Worker of `dashboard-webhooks`; its contract stands in `handler`.

pub mod delivery;
/// What it answers, step by step.
pub mod handler;
pub mod settings;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("dashboard-webhooks");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-webhooks",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
