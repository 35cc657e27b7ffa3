//! The Worker of `receive-email`; its contract stands in `handler`.

mod handler;
#[cfg(test)]
mod tests;

use edge::{
    Context, Env, Mail, Reach, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What it reaches beside D1 and the queues.
const REACH: Reach = Reach::NOTHING.blobs().secrets();

#[event(email)]
async fn email(mail: Mail, env: Env, ctx: Context) -> Result<()> {
    edge::receive_mail("receive-email", REACH, handler::receive, mail, env, ctx).await
}
#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    edge::serve_background("receive-email", &request)
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("receive-email", REACH, handler::resume_all, env, ctx).await;
}
