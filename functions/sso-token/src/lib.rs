//! The Worker of `sso-token`; its contract stands in `handler`.

pub mod create;
/// What it answers, step by step.
pub mod handler;
mod origin;
pub mod settings;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.secrets();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("sso-token", REACH, handler::handle, request, env, ctx).await
}
