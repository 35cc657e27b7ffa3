//! The Worker of `dashboard-crm-jobs`; its contract stands in `handler`.

pub mod backfill;
/// What it answers, step by step.
pub mod handler;
pub mod jobs;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("dashboard-crm-jobs");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-crm-jobs",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
