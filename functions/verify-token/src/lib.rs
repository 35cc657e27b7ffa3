//! The Worker of `verify-token`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod sql;
mod trust;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("verify-token");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("verify-token", PORTS, handler::run, request, env, ctx).await
}
