//! The Worker of `send-message`; its contract stands in `handler`.

mod handler;
#[cfg(test)]
mod tests;

use edge::{
    Batch, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_equipped("send-message", handler::handle, request, env, ctx).await
}
#[event(queue)]
async fn queue(batch: Batch, env: Env, ctx: Context) -> Result<()> {
    edge::consume("send-message", handler::resume, batch, env, ctx).await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("send-message", handler::resume_all, env, ctx).await;
}
