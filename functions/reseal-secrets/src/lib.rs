//! The Worker of `reseal-secrets`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod reseal;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("reseal-secrets");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("reseal-secrets", PORTS, handler::handle, request, env, ctx).await
}
