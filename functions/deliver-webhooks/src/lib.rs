//! The Worker of `deliver-webhooks`; its contract stands in `handler`.

mod attempt;
mod claim;
/// What it answers, step by step.
pub mod handler;
mod outcome;
mod settle;
pub mod sql;

use edge::{Context, Env, Messages, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("deliver-webhooks");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("deliver-webhooks", &request)
}

#[event(queue)]
async fn queue(messages: Messages, env: Env, ctx: Context) -> Result<()> {
    edge::consume(
        "deliver-webhooks",
        REACH,
        handler::handle,
        messages,
        env,
        ctx,
    )
    .await
}
