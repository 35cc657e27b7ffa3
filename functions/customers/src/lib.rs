//! The Worker of `customers`; its contract stands in `handler`.

pub mod erasure;
/// The handler, step by step.
pub mod handler;
pub mod sql;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("customers");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("customers", PORTS, handler::handle, request, env, ctx).await
}
#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("customers", PORTS, handler::each_minute, env, ctx).await;
}
