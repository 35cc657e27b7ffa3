//! The Worker of `customer-history`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
mod messages;
mod query;
mod reader;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("customer-history");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customer-history",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
