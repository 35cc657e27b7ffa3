//! The Worker of `dashboard`; its contract stands in `handler`.

pub mod business;
/// What it answers, step by step.
pub mod handler;
pub mod keys;
pub mod parked;
pub mod sessions;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("dashboard");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("dashboard", REACH, handler::handle, request, env, ctx).await
}
