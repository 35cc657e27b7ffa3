//! The Worker of `messages-since`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
mod page;
pub mod query;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("messages-since");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("messages-since", REACH, handler::handle, request, env, ctx).await
}
