//! The Worker of `sync-sales`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;

use edge::{Batch, Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("sync-sales");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("sync-sales", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("sync-sales", PORTS, handler::handle, batch, env, ctx).await
}
