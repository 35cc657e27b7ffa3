//! The Worker of `authorize-crm-links`; its contract stands in `handler`.

/// Sending a person away.
pub mod begin;
/// The handler, step by step.
pub mod handler;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("authorize-crm-links");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "authorize-crm-links",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
