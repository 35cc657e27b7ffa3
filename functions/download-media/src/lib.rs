//! The Worker of `download-media`; its contract stands in `handler`.

mod cache;
mod file;
/// The handler, step by step.
pub mod handler;
mod range;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("download-media");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("download-media", PORTS, handler::handle, request, env, ctx).await
}
