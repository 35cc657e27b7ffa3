//! The Worker of `conversation-notes`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;
mod page;
pub mod request;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("conversation-notes");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "conversation-notes",
        REACH,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
