//! The Worker of `sign-in`; its contract stands in `handler`.

/// Sending a person away to a provider.
pub mod begin;
/// A person who comes back from there.
mod come_back;
/// By a link.
pub mod complete;
/// The handler, step by step.
pub mod handler;
/// Links that are sent by email.
pub mod links;
/// By what people may sign in.
pub mod options;
mod session;
pub mod sql;

use edge::{Batch, Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("sign-in");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("sign-in", PORTS, handler::handle, request, env, ctx).await
}
#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("sign-in", PORTS, handler::mail, batch, env, ctx).await
}
