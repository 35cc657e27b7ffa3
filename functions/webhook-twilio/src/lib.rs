//! The Worker of `webhook-twilio`; its contract stands in `handler`.

mod codec;
/// The handler, step by step.
pub mod handler;
mod signature;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-twilio");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("webhook-twilio", PORTS, handler::handle, request, env, ctx).await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("webhook-twilio", PORTS, handler::resume_all, env, ctx).await;
}
