//! The Worker of `upload-attachment`; its contract stands in `handler`.

pub mod attachment;
/// What it answers, step by step.
pub mod handler;
mod multipart;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("upload-attachment");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "upload-attachment",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
