//! The Worker of `dashboard`; its contract stands in `handler`.

pub mod audit;
pub mod business;
/// The handler, step by step.
pub mod handler;
pub mod keys;
pub mod parked;
pub mod quotas;
pub mod sessions;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("dashboard", PORTS, handler::handle, request, env, ctx).await
}
