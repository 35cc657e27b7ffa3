//! The Worker of `sync-crm`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod handoff;
pub mod sql;

use edge::{
    Batch, Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent,
    event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("sync-crm");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("sync-crm", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("sync-crm", PORTS, handler::handle, batch, env, ctx).await
}

#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("sync-crm", PORTS, handler::each_minute, env, ctx).await;
}
