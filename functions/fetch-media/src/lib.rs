//! The Worker of `fetch-media`; its contract stands in `handler`.

mod account;
mod bytes;
mod claim;
mod fetch_error;
/// The handler, step by step.
pub mod handler;
mod job;
mod profile;
mod remote;
mod resend;
mod settle;
pub mod sql;

use edge::{Batch, Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("fetch-media");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fetch-media", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("fetch-media", PORTS, handler::fetch, batch, env, ctx).await
}
