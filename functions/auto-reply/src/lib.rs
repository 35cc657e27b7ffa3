//! The Worker of `auto-reply`; its contract stands in `handler`.

mod check;
mod claim;
mod decide;
mod hand_off;
/// The handler, step by step.
pub mod handler;
mod links;
mod reason;
mod settle;
pub mod sql;
mod write;

pub use claim::{MAX_AGE_MICROS, MAX_IN_AN_HOUR, MAX_TRIES};
pub use reason::Reason;
pub use write::MIN_SCORE;

use edge::{
    Batch, Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent,
    event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("auto-reply");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("auto-reply", &request)
}

#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("auto-reply", PORTS, handler::handle, batch, env, ctx).await
}

#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("auto-reply", PORTS, handler::each_minute, env, ctx).await;
}
