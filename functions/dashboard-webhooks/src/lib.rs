//! The Worker of `dashboard-webhooks`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod settings;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-webhooks");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-webhooks",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
