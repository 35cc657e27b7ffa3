//! The Worker of `upload-attachment`; its contract stands in `handler`.

pub mod attachment;
/// The handler, step by step.
pub mod handler;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("upload-attachment");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "upload-attachment",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
