//! The Worker of `embed-inbox`; its contract stands in `handler`.

mod bootstrap;
pub mod files;
/// What it answers, step by step.
pub mod handler;
mod shell;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.services();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("embed-inbox", REACH, handler::handle, request, env, ctx).await
}
