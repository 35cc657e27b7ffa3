//! The Worker of `embed-inbox`; its contract stands in `handler`.

mod bootstrap;
pub mod files;
/// What it answers, step by step.
pub mod handler;
mod shell;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("embed-inbox");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("embed-inbox", REACH, handler::handle, request, env, ctx).await
}
