//! The Worker of `fetch-media`; its contract stands in `handler`.

mod account;
mod bytes;
mod claim;
/// What it answers, step by step.
pub mod handler;
mod job;
mod profile;
mod remote;
mod resend;
mod settle;
pub mod sql;
mod trouble;

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
