//! The Worker of `backup`; its contract stands in `handler`.

mod files;
/// The handler, step by step.
pub mod handler;
mod manifest;
mod read;
mod sealed;
pub mod sql;
mod write;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("backup");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("backup", PORTS, handler::handle, request, env, ctx).await
}
