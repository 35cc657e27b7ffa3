//! The Worker of `webhook-crm`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-crm");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("webhook-crm", PORTS, handler::handle, request, env, ctx).await
}
