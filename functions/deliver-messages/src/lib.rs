//! The Worker of `deliver-messages`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Batch, Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("deliver-messages");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("deliver-messages", REACH, handler::run, request, env, ctx).await
}
#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("deliver-messages", REACH, handler::resume, batch, env, ctx).await
}
