//! The Worker of `customer-history`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod messages;
mod query;
mod reader;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("customer-history");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customer-history",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
