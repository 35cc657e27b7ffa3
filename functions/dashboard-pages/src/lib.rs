//! The Worker of `dashboard-pages`; its contract stands in `handler`.

pub mod files;
/// The handler, step by step.
pub mod handler;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-pages");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("dashboard-pages", PORTS, handler::handle, request, env, ctx).await
}
