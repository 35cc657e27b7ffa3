//! The Worker of `fan-out`; its contract stands in `handler`.

mod handler;
#[cfg(test)]
mod tests;

use edge::{Context, Env, Messages, Request, Response, Result, ScheduleContext, event};

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("fan-out", &request)
}
#[event(queue)]
async fn queue(messages: Messages, env: Env, ctx: Context) -> Result<()> {
    edge::consume("fan-out", handler::handle, messages, env, ctx).await
}
#[event(scheduled)]
async fn cron(_: edge::ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("fan-out", handler::each_minute, env, ctx).await;
}
