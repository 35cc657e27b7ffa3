//! The Worker of `refresh-crm-links`; its contract stands in `handler`.

mod claim;
mod erase;
mod erased;
mod file;
/// The handler, step by step.
pub mod handler;
/// What is kept of pushes.
pub mod kept;
mod owners;
mod phones;
mod preview;
mod progress;
mod pushes;
mod remake;
mod run;
mod settle;
mod slice;
pub mod sql;

use edge::{
    Batch, Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent,
    event,
};
use handler::{answer, each_minute, refresh};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("refresh-crm-links");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("refresh-crm-links", PORTS, answer, request, env, ctx).await
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("refresh-crm-links", PORTS, refresh, batch, env, ctx).await
}

#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("refresh-crm-links", PORTS, each_minute, env, ctx).await;
}
