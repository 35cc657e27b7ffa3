//! The Worker of `conversations-by-customer`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod page;
pub mod query;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("conversations-by-customer");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "conversations-by-customer",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
