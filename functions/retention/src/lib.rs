//! The Worker of `retention`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod settings;
pub mod sql;
pub mod storage;
mod sweep;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("retention");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("retention", PORTS, handler::handle, request, env, ctx).await
}
#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("retention", PORTS, handler::each_minute, env, ctx).await;
}
