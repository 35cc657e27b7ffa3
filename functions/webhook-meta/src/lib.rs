//! The Worker of `webhook-meta`; its contract stands in `handler`.

mod accounts;
mod comments;
/// The handler, step by step.
pub mod handler;
mod messenger;
mod scan;
mod signature;
pub mod sql;
mod whatsapp;

use edge::{
    Batch, Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent,
    event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-meta");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("webhook-meta", PORTS, handler::handle, request, env, ctx).await
}
#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("webhook-meta", PORTS, handler::resume, batch, env, ctx).await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("webhook-meta", PORTS, handler::resume_all, env, ctx).await;
}
