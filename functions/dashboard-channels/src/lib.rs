//! The Worker of `dashboard-channels`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
pub mod settings;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("dashboard-channels");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-channels",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
