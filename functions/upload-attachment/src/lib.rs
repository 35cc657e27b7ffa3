//! The Worker of `upload-attachment`; its contract stands in `handler`.

pub mod attachment;
/// What it answers, step by step.
pub mod handler;
mod multipart;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "upload-attachment",
        Reach::NOTHING.blobs().inbox(),
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
