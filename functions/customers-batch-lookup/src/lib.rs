//! The Worker of `customers-batch-lookup`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("customers-batch-lookup");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customers-batch-lookup",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
