//! The Worker of `send-message`; its contract stands in `handler`.

mod adapters;
pub mod answer;
mod attempt;
mod check;
mod deliver;
pub mod due;
mod email;
/// The handler, step by step.
pub mod handler;
mod media;
mod outcome;
mod parts;
mod read;
mod repeated;
mod replies;
pub mod request;
mod sending;
pub mod sql;
mod text;
mod threads;
mod write;

use edge::{Batch, Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("send-message");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_and_calls(
        "send-message",
        PORTS,
        handler::handle,
        handler::run,
        request,
        env,
        ctx,
    )
    .await
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("send-message", PORTS, handler::resume, batch, env, ctx).await
}
