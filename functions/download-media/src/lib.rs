//! The Worker of `download-media`; its contract stands in `handler`.

mod cache;
mod file;
/// What it answers, step by step.
pub mod handler;
mod range;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public(
        "download-media",
        Reach::NOTHING.blobs(),
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
