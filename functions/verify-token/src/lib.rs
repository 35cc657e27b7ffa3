//! The Worker of `verify-token`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
pub mod sql;
mod trust;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("verify-token");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("verify-token", REACH, handler::run, request, env, ctx).await
}
