//! The Worker of `conversations`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
pub mod request;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("conversations");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("conversations", REACH, handler::handle, request, env, ctx).await
}
