//! The Worker of `fan-out`; its contract stands in `handler`.

mod body;
/// What it answers, step by step.
pub mod handler;
mod json;
mod overdue;
mod page;
mod plan;
pub mod sql;

use edge::{Context, Env, Messages, Reach, Request, Response, Result, ScheduleContext, event};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("fan-out");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fan-out", &request)
}
#[event(queue)]
async fn queue(messages: Messages, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("fan-out", REACH, handler::handle, messages, env, ctx).await
}
#[event(scheduled)]
async fn cron(_: edge::ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("fan-out", REACH, handler::each_minute, env, ctx).await;
}
