//! The Worker of `fetch-media`; its contract stands in `handler`.

mod account;
mod bytes;
mod claim;
/// What it answers, step by step.
pub mod handler;
mod job;
mod profile;
mod remote;
mod resend;
mod settle;
pub mod sql;
mod trouble;

use edge::{Batch, Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("fetch-media");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fetch-media", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("fetch-media", REACH, handler::fetch, batch, env, ctx).await
}
