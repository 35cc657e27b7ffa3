//! The Worker of `embed-api`; its contract stands in `handler`.

mod changes;
pub mod contact;
/// The handler, step by step.
pub mod handler;
pub mod note;
mod read;
pub mod sql;
mod templates;
pub mod thread;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("embed-api");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("embed-api", PORTS, handler::handle, request, env, ctx).await
}
