//! The Worker of `embed-assets`; its contract stands in `handler`.

#[path = "../../embed-inbox/src/files.rs"]
pub mod files;
/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("embed-assets");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("embed-assets", REACH, handler::handle, request, env, ctx).await
}
