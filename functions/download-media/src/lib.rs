//! The Worker of `download-media`; its contract stands in `handler`.

mod cache;
mod file;
/// What it answers, step by step.
pub mod handler;
mod range;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("download-media");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("download-media", REACH, handler::handle, request, env, ctx).await
}
