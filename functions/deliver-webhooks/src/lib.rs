//! The Worker of `deliver-webhooks`; its contract stands in `handler`.

mod attempt;
mod claim;
/// The handler, step by step.
pub mod handler;
mod outcome;
mod settle;
pub mod sql;

use edge::{Capabilities, Context, Env, Messages, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("deliver-webhooks");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("deliver-webhooks", &request)
}

#[event(queue)]
async fn queue(messages: Messages, env: Env, ctx: Context) -> Result<()> {
    edge::consume(
        "deliver-webhooks",
        PORTS,
        handler::handle,
        messages,
        env,
        ctx,
    )
    .await
}
