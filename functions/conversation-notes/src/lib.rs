//! The Worker of `conversation-notes`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod page;
pub mod request;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("conversation-notes");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "conversation-notes",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
