//! The Worker of `customers-batch-lookup`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("customers-batch-lookup");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customers-batch-lookup",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
