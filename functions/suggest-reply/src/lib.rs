//! The Worker of `suggest-reply`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod request;
pub mod settings;
pub mod sql;
mod stream;
pub mod suggestion;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("suggest-reply");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("suggest-reply", PORTS, handler::handle, request, env, ctx).await
}
