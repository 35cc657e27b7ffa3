//! The Worker of `dashboard-api-log`; its contract stands in `handler`.

/// Calls, one by one.
pub mod calls;
mod filter;
/// The handler, step by step.
pub mod handler;
pub mod sql;
/// Calls, counted.
pub mod usage;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-api-log");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-api-log",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
