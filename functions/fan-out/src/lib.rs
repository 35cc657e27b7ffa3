//! The Worker of `fan-out`; its contract stands in `handler`.

mod body;
/// The handler, step by step.
pub mod handler;
mod json;
mod overdue;
mod page;
mod plan;
mod replies;
pub mod sql;

use edge::{
    Capabilities, Context, Env, Messages, Request, Response, Result, ScheduleContext, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("fan-out");

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fan-out", &request)
}
#[event(queue)]
async fn queue(messages: Messages, env: Env, ctx: Context) -> Result<()> {
    edge::consume_in_turn("fan-out", PORTS, handler::handle, messages, env, ctx).await
}
#[event(scheduled)]
async fn cron(_: edge::ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("fan-out", PORTS, handler::each_minute, env, ctx).await;
}
