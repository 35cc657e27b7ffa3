//! The Worker of `message-actions`; its contract stands in `handler`.

mod act;
mod comment;
/// The handler, step by step.
pub mod handler;
mod reply;
pub mod request;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("message-actions");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("message-actions", PORTS, handler::handle, request, env, ctx).await
}
