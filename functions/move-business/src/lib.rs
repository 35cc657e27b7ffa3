//! The Worker of `move-business`; its contract stands in `handler`.

mod begin;
mod copy;
mod delete;
mod drive;
/// The handler, step by step.
pub mod handler;
mod place;
mod sizes;
pub mod sql;
mod status;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("move-business");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("move-business", PORTS, handler::handle, request, env, ctx).await
}

#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("move-business", PORTS, handler::each_minute, env, ctx).await;
}
