//! The Worker of `sync-sources`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;

use edge::{Batch, Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("sync-sources");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("sync-sources", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("sync-sources", PORTS, handler::handle, batch, env, ctx).await
}
