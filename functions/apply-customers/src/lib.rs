//! The Worker of `apply-customers`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("apply-customers");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("apply-customers", PORTS, handler::run, request, env, ctx).await
}
