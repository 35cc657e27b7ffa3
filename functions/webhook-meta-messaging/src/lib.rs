//! The Worker of `webhook-meta-messaging`; its contract stands in `handler`.

/// What it answers, step by step.
pub mod handler;

use edge::{Context, Env, Reach, Request, Response, Result, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("webhook-meta-messaging");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls(
        "webhook-meta-messaging",
        REACH,
        handler::take_in,
        request,
        env,
        ctx,
    )
    .await
}
