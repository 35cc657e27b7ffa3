//! The Worker of `webhook-chatwoot`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
mod jobs;
mod proof;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-chatwoot");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public(
        "webhook-chatwoot",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("webhook-chatwoot", PORTS, handler::resume_all, env, ctx).await;
}
