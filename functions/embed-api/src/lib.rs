//! The Worker of `embed-api`; its contract stands in `handler`.

mod changes;
/// What it answers, step by step.
pub mod handler;
pub mod note;
mod read;
pub mod sql;
mod templates;
pub mod thread;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.http().inbox().pause().secrets();

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("embed-api", REACH, handler::handle, request, env, ctx).await
}
