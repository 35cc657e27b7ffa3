//! The Worker of `webhook-crm-links`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod proof;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-crm-links");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public(
        "webhook-crm-links",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
