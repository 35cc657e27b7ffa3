//! The Worker of `embed-crm-card`; its contract stands in `handler`.

mod card;
/// The handler, step by step.
pub mod handler;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("embed-crm-card");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("embed-crm-card", PORTS, handler::handle, request, env, ctx).await
}
