//! The Worker of `customer-history`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
mod messages;
mod query;
mod reader;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customer-history",
        Reach::NOTHING.http().secrets(),
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
