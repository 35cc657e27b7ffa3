//! The Worker of `messages-since`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod page;
pub mod query;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("messages-since");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("messages-since", PORTS, handler::handle, request, env, ctx).await
}
