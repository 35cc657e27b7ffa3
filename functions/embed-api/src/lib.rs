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

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("embed-api");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("embed-api", REACH, handler::handle, request, env, ctx).await
}
