//! The Worker of `dashboard-crm-jobs`; its contract stands in `handler`.

pub mod backfill;
/// The handler, step by step.
pub mod handler;
pub mod jobs;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-crm-jobs");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-crm-jobs",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
