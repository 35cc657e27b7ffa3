//! The Worker of `operator`; its contract stands in `handler`.

pub mod business;
pub mod change;
/// The handler, step by step.
pub mod handler;
pub mod list;
mod metrics;
pub mod overview;
pub mod sql;
pub mod support;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("operator");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("operator", PORTS, handler::handle, request, env, ctx).await
}
