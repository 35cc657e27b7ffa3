//! The Worker of `customer-context`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod request;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("customer-context");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customer-context",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
