//! The Worker of `dashboard-deliveries`; its contract stands in `handler`.

pub mod delivery;
/// The handler, step by step.
pub mod handler;
pub mod recovery;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-deliveries");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-deliveries",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
