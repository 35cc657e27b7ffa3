//! The Worker of `fetch-media`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
mod media;
pub mod profiles;
pub mod sql;

use edge::{Batch, Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fetch-media", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume(
        "fetch-media",
        Reach::NOTHING.http().blobs().secrets(),
        handler::fetch,
        batch,
        env,
        ctx,
    )
    .await
}
