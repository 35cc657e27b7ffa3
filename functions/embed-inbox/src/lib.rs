//! The Worker of `embed-inbox`; its contract stands in `handler`.

mod bootstrap;
mod card;
pub mod files;
/// The handler, step by step.
pub mod handler;
mod shell;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("embed-inbox");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("embed-inbox", PORTS, handler::handle, request, env, ctx).await
}
