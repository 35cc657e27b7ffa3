//! The Worker of `sso-token`; its contract stands in `handler`.

pub mod create;
/// What it answers, step by step.
pub mod handler;
mod origin;
pub mod settings;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("sso-token");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("sso-token", REACH, handler::handle, request, env, ctx).await
}
