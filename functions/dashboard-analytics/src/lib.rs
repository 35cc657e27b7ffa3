//! The Worker of `dashboard-analytics`; its contract stands in `handler`.

mod agents;
mod figures;
/// The handler, step by step.
pub mod handler;
mod query;
pub mod report;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-analytics");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-analytics",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
